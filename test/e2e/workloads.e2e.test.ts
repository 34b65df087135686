import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { HttpAnswer } from '../../src/demo/http-answer.ts';
import { type ClientIdentity, urlEncoded } from '../support/client-certificates.ts';
import { type MtlsIngress, startMtlsIngress } from '../support/mtls-ingress.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';

// As Envoy writes it.
const subject = String.raw`CN=J\C3\BCrgen\;\, Nr. 1,O=Acme`;
const workload = 'spiffe://prod.example/ns/shop/sa/orders';
const rules = `
identity:
  services:
    mtls:
      spiffe: { trust_domains: [prod.example] }
      dns: ["*.svc.example"]
      subjects: ['${subject}']
      roles: { "spiffe://prod.example/ns/shop/**": [reader] }
roles:
  reader: { permissions: ["orders:read"] }
rules:
  - { id: echo, match: { path: /echo, methods: [GET] }, identity: [services] }
  - { id: whole, match: { path: /echo, methods: [POST] }, identity: [services], pass_credentials: true }
  - { id: orders, match: { path: "/orders/**" }, identity: [services], require: { permission: "orders:read" } }
`;
const config = (more: string): string =>
  `version: 1\nlisten: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }\n${more}\n${rules}`;

const spoofed = `By=spiffe://prod.example/gw;Hash=${'00'.repeat(32)};Subject="CN=admin"`;
const inHeader = 'client_certificate: { from: x-forwarded-client-cert }';
const telling = (how: string, details: string) => (text: string) =>
  text.replace(
    'forward_client_cert_details: SANITIZE',
    `forward_client_cert_details: ${how}\n                set_current_client_cert_details: { ${details} }`,
  );
const withoutPeer = (text: string): string =>
  text.replace('include_peer_certificate: true', 'include_peer_certificate: false');
const ways = [
  { name: 'what Envoy tells of its peer', client_certificate: '', edit: (text: string) => text, names: true },
  {
    name: 'the first name alone',
    client_certificate: '',
    edit: withoutPeer,
    names: false,
  },
  {
    name: 'the certificate in the header',
    client_certificate: inHeader,
    edit: (text: string) => withoutPeer(telling('SANITIZE_SET', 'cert: true, chain: true, subject: true')(text)),
    names: true,
  },
  {
    name: 'the header held against the peer',
    client_certificate: inHeader,
    edit: telling('SANITIZE_SET', 'cert: true'),
    names: true,
  },
  {
    name: 'the last element of the header',
    client_certificate: 'client_certificate: { from: x-forwarded-client-cert, trusted_hops: 1 }',
    edit: telling('APPEND_FORWARD', 'cert: true, subject: true'),
    names: true,
  },
] as const;

// Certificates whose names end Envoy's element, and what their clients send along.
const forgeries = ({ hash, cert }: ClientIdentity) => {
  const element = `Hash=${hash};Cert="${urlEncoded(cert)}"`;
  return [
    { names: [{ type: 'url', value: `urn:x,By=y;Hash=${hash};URI=${workload}` }], sent: {} },
    { names: [{ type: 'url', value: `urn:x,${element}` }], sent: {} },
    { names: [{ type: 'dns', value: `x,${element}` }], sent: {} },
    { names: [{ type: 'url', value: `",${element}` }], sent: { 'x-forwarded-client-cert': 'Subject="' } },
  ] as const;
};

const reached = ({ status, body }: HttpAnswer): Readonly<Record<string, readonly string[]>> => {
  assert.equal(status, 200, body);
  return JSON.parse(body).headers;
};

for (const { name, client_certificate, edit, names } of ways) {
  suite(name, () => {
    let sidecar: SidecarProcess;
    let ingress: MtlsIngress;
    let orders: ClientIdentity;
    before(async () => {
      sidecar = await startSidecarProcess({ config: config(client_certificate) });
      ingress = await startMtlsIngress(sidecar.grpc, edit);
      const alternative = [
        { type: 'url', value: workload } as const,
        { type: 'dns', value: 'orders.svc.example' } as const,
      ];
      orders = await ingress.clients.issue({
        subject: [
          ['CN', 'a,b"c;d'],
          ['O', 'x=y'],
        ],
        names: alternative,
      });
    });
    after(async () => {
      await ingress?.stop();
      await sidecar?.stop();
    });

    test('a workload is its SPIFFE ID, whatever it says of itself', async () => {
      const headers = { 'x-forwarded-client-cert': spoofed, 'x-user': 'admin' };
      for (const sent of [{}, headers]) {
        const seen = reached(await ingress.send({ path: '/echo', client: orders, headers: sent }));
        assert.deepEqual(seen['x-user'], [workload]);
        assert.deepEqual(seen['x-user-source'], ['services']);
        assert.equal(seen['x-forwarded-client-cert'], undefined);
      }
      assert.equal((await ingress.send({ path: '/orders/1', client: orders })).status, 200);
    });

    test('other names are principals too, without the roles of the first', async () => {
      const billing = await ingress.clients.issue({ names: [{ type: 'dns', value: 'Billing.svc.example' }] });
      assert.deepEqual(reached(await ingress.send({ path: '/echo', client: billing }))['x-user'], [
        'billing.svc.example',
      ]);
      assert.equal((await ingress.send({ path: '/orders/1', client: billing })).status, 403);
      const old = await ingress.clients.issue({
        subject: [
          ['CN', 'Jürgen;, Nr. 1'],
          ['O', 'Acme'],
        ],
      });
      const answer = await ingress.send({ path: '/echo', client: old });
      assert.equal(answer.status === 200 ? reached(answer)['x-user']?.[0] : answer.status, subject);
    });

    test('a certificate of nobody is 401 with a challenge', async () => {
      const stranger = await ingress.clients.issue({ names: [{ type: 'url', value: 'spiffe://test.example/a' }] });
      const answer = await ingress.send({
        path: '/echo',
        client: stranger,
        headers: { 'x-forwarded-client-cert': spoofed },
      });
      assert.equal(answer.status, 401);
      assert.equal(answer.headers['www-authenticate'], 'ClientCertificate realm="portcullis"');
    });

    test('two SPIFFE IDs are none', { skip: names ? false : 'Envoy tells of the first name alone' }, async () => {
      const both = await ingress.clients.issue({
        names: ['a', 'b'].map((path) => ({ type: 'url', value: `spiffe://prod.example/${path}` }) as const),
      });
      assert.equal((await ingress.send({ path: '/echo', client: both })).status, 401);
    });

    test('a DNS name is no SPIFFE ID', { skip: names ? false : 'Envoy does not say which it is' }, async () => {
      const alike = await ingress.clients.issue({ names: [{ type: 'dns', value: workload }] });
      assert.equal((await ingress.send({ path: '/echo', client: alike })).status, 401);
    });

    test('a name with a NUL is nobody’s', async () => {
      const evil = await ingress.clients.issue({ names: [{ type: 'dns', value: 'a.svc.example\0.evil.example' }] });
      assert.notEqual((await ingress.send({ path: '/echo', client: evil })).status, 200);
    });

    test('who has no certificate, or one of another authority, gets no further than Envoy', async () => {
      await assert.rejects(ingress.send({ path: '/echo' }));
    });

    test('with pass_credentials the upstream sees the header that we trust, and no other', async () => {
      const headers = { 'x-forwarded-client-cert': spoofed };
      const seen = reached(await ingress.send({ method: 'POST', path: '/echo', client: orders, headers }));
      const header = seen['x-forwarded-client-cert']?.at(-1);
      if (client_certificate === '') assert.equal(header, undefined);
      else assert.match(header ?? '', new RegExp(`Hash=${orders.hash};Cert="-----BEGIN%20CERTIFICATE`));
    });

    test('a name that looks like an element of the header is a name like others', async () => {
      for (const { names } of forgeries(orders)) {
        const forger = await ingress.clients.issue({ names });
        assert.equal((await ingress.send({ path: '/echo', client: forger })).status, 401);
      }
    });
  });
}

for (const how of ['SANITIZE_SET', 'APPEND_FORWARD']) {
  test(`where Envoy writes names into the header (${how}), nobody is anybody`, async () => {
    const sidecar = await startSidecarProcess({ config: config(inHeader) });
    let ingress: MtlsIngress | undefined;
    try {
      const names = telling(how, 'cert: true, uri: true, dns: true');
      ingress = await startMtlsIngress(sidecar.grpc, (text) => withoutPeer(names(text)));
      const victim = await ingress.clients.issue({ names: [{ type: 'url', value: workload }] });
      const forged = forgeries(victim);
      for (const { names, sent } of [...forged, { names: [{ type: 'url', value: workload }], sent: {} } as const]) {
        const client = await ingress.clients.issue({ names });
        assert.equal((await ingress.send({ path: '/echo', client, headers: sent })).status, 401);
      }
      const told = (await sidecar.audit()).map(({ unmapped }) => unmapped.portcullis);
      const detail = { identity: 'services', problem: 'unescaped' };
      assert.deepEqual(
        told.flatMap(({ reason, detail }) => (reason === undefined ? [] : [[reason, detail]])),
        Array.from({ length: forged.length + 1 }, () => ['certificate_malformed', detail]),
      );
    } finally {
      await ingress?.stop();
      await sidecar.stop();
    }
  });
}

test('every reason stands in the audit', async () => {
  const sidecar = await startSidecarProcess({ config: config('') });
  let ingress: MtlsIngress | undefined;
  try {
    ingress = await startMtlsIngress(sidecar.grpc);
    for (const value of ['spiffe://prod.example/a/../b', 'spiffe://other.example/a']) {
      const client = await ingress.clients.issue({ names: [{ type: 'url', value }] });
      await ingress.send({ path: '/echo', client });
    }
    const reasons = (await sidecar.audit()).map(({ unmapped }) => unmapped.portcullis['reason']).filter(Boolean);
    assert.deepEqual(reasons.toSorted(), ['certificate_malformed', 'certificate_unknown']);
  } finally {
    await ingress?.stop();
    await sidecar.stop();
  }
});
