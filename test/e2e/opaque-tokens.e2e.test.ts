import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { createAuthority } from '../support/certificates.ts';
import { type Ingress, type IngressAnswer, startIngress } from '../support/ingress.ts';
import { type OpaqueProvider, startOpaqueProvider } from '../support/opaque-provider.ts';
import { freePorts } from '../support/ports.ts';
import { athOf, makeProof, thumbprintOf } from '../support/proofs.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';
import { makeKey } from '../support/tokens.ts';

const authority = await createAuthority();
const gateway = await authority.issue('gateway');
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [publicPort = 0] = await freePorts(1);
const secret = 'planted-secret-of-the-gateway';
const usual = { redirect_uris: [], response_types: [], grant_types: [] };

const clients = [
  { ...usual, client_id: 'by-secret', client_secret: secret },
  {
    ...usual,
    client_id: 'by-key',
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    // Where the gateway publishes the key that it signs with.
    jwks_uri: `http://127.0.0.1:${publicPort}/.portcullis/jwks.json`,
  },
  {
    ...usual,
    client_id: 'by-certificate',
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_subject_dn: 'CN=gateway',
  },
  {
    ...usual,
    client_id: 'signed',
    client_secret: secret,
  },
] as const;

const configFor = (issuer: string): string => `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0", public: "127.0.0.1:${publicPort}" }
identity:
  secret:
    introspection:
      issuer: "${issuer}"
      ca_file: ca.pem
      client: { id: by-secret, secret: ${secret} }
      audience: [orders]
      required_claims: [token_type]
      cache: { active: 1s, inactive: 100ms }
  key:
    introspection:
      issuer: "${issuer}"
      ca_file: ca.pem
      client: { id: by-key, private_key_file: gateway.pem }
      audience: [orders]
  certificate:
    introspection:
      issuer: "${issuer}"
      ca_file: ca.pem
      client: { id: by-certificate, cert_file: cert.pem, key_file: cert-key.pem }
      audience: [orders]
  signed:
    introspection:
      issuer: "${issuer}"
      ca_file: ca.pem
      client: { id: signed, secret: ${secret} }
      audience: [orders]
      signed: { algorithms: [ES256] }
      dpop: {}
  wrong:
    introspection:
      issuer: "${issuer}"
      ca_file: ca.pem
      client: { id: by-secret, secret: another }
      audience: [orders]
  elsewhere:
    introspection:
      issuer: "${issuer}"
      ca_file: ca.pem
      client: { id: by-secret, secret: ${secret} }
      audience: [billing]
roles:
  reader: { permissions: ["orders:read"] }
rules:
${['secret', 'key', 'certificate', 'signed', 'wrong', 'elsewhere'].map((id) => `  - { id: ${id}, match: { hosts: [${id}.example], path: /echo }, identity: [${id}], require: { scope: "orders:read" } }`).join('\n')}
`;

let provider: OpaqueProvider;
let sidecar: SidecarProcess;
let ingress: Ingress;
before(async () => {
  provider = await startOpaqueProvider(authority, clients);
  const files = {
    'ca.pem': authority.ca,
    'gateway.pem': String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    'cert.pem': gateway.cert,
    'cert-key.pem': gateway.key,
  };
  sidecar = await startSidecarProcess({ config: configFor(provider.issuer), files });
  ingress = await startIngress({ grpc: sidecar.grpc });
});
after(async () => {
  await ingress?.stop();
  await sidecar?.stop();
  await provider?.close();
});

type Headers = Readonly<Record<string, string>>;

const sendOnce = (identity: string, token: string, headers: Headers = {}): Promise<IngressAnswer> => {
  const own = { host: `${identity}.example`, authorization: `Bearer ${token}` };
  return ingress.send({ path: '/echo', headers: { ...own, ...headers } });
};

/** The answer that is wanted: a lookup may take longer than Envoy waits, and is there for the next request. */
async function sendUntil(wanted: (answer: IngressAnswer) => boolean, ...request: Parameters<typeof sendOnce>) {
  let answer = await sendOnce(...request);
  const holds = async (): Promise<boolean> => {
    if (!wanted(answer)) answer = await sendOnce(...request);
    return wanted(answer);
  };
  await waitFor({ what: 'an answer', holds });
  return answer;
}

const send = (...request: Parameters<typeof sendOnce>): Promise<IngressAnswer> =>
  sendUntil(({ status }) => status !== 503, ...request);
/** The answer that is our own, and not that of an Envoy that has waited long enough. */
const sendToFail = (...request: Parameters<typeof sendOnce>): Promise<IngressAnswer> =>
  sendUntil(({ headers }) => headers['x-decision-id'] !== undefined, ...request);

/** The reason that the audit has for the last decision. */
async function reasonOf({ headers }: IngressAnswer): Promise<unknown> {
  const id = headers['x-decision-id'];
  let found: Readonly<Record<string, unknown>> | undefined;
  const holds = async (): Promise<boolean> => {
    const lines = await sidecar.audit();
    found = lines.map(({ unmapped }) => unmapped.portcullis).find((one) => one['decision_id'] === id);
    return found !== undefined;
  };
  await waitFor({ what: 'the audit event', holds });
  return found?.['reason'];
}

for (const identity of ['secret', 'key', 'certificate', 'signed']) {
  test(`a token that only its provider can read is good, and an invented one is not: ${identity}`, async () => {
    const answer = await send(identity, await provider.token({ account: 'alice' }));
    assert.equal(answer.status, 200, answer.body);
    assert.match(answer.body, /"x-user":\["alice"\]/);
    assert.doesNotMatch(answer.body, /authorization/);
    const invented = await send(identity, 'invented');
    assert.equal(invented.status, 401);
    assert.equal(invented.headers['www-authenticate']?.startsWith('Bearer realm="portcullis"'), true);
    assert.equal(await reasonOf(invented), 'token_inactive');
  });
}

test('what the provider is asked is what it takes', () => {
  const asked = new Set(provider.asked);
  assert.deepEqual(asked, new Set(['GET /.well-known/openid-configuration', 'GET /jwks', 'POST /token/introspection']));
});

test('a client that calls for itself passes under a name of its own', async () => {
  const answer = await send('secret', await provider.token());
  assert.equal(answer.status, 200, answer.body);
  assert.match(answer.body, /"x-user":\["client:app"\]/);
});

test('a refresh token is no access token, and a token for others is not for us', async () => {
  const refresh = await send('secret', await provider.refreshToken('alice'));
  assert.equal(refresh.status, 401);
  assert.equal(await reasonOf(refresh), 'token_claims');
  const billing = await send('elsewhere', await provider.token({ account: 'alice' }));
  assert.deepEqual([billing.status, await reasonOf(billing)], [401, 'token_audience']);
});

test('a revocation at the provider is seen as soon as the answer is old', async () => {
  const token = await provider.token({ account: 'alice' });
  assert.equal((await send('secret', token)).status, 200);
  await provider.revoke(token);
  const holds = async (): Promise<boolean> => (await send('secret', token)).status === 401;
  await waitFor({ what: 'the token is refused', holds });
  assert.equal(await reasonOf(await send('secret', token)), 'token_inactive');
});

test('a bound token passes with its proof alone', async () => {
  const key = makeKey('ES256');
  const token = await provider.token({ account: 'alice', jkt: thumbprintOf(key) });
  const bare = await send('signed', token);
  assert.deepEqual([bare.status, await reasonOf(bare)], [401, 'proof_missing']);
  const prove = (): string => {
    const htu = 'http://signed.example/echo';
    return makeProof(key, { claims: { htm: 'GET', htu, iat: Math.floor(Date.now() / 1000), ath: athOf(token) } });
  };
  const proof = prove();
  const proven = await send('signed', token, { authorization: `DPoP ${token}`, dpop: proof });
  assert.equal(proven.status, 200, proven.body);
  assert.doesNotMatch(proven.body, /"dpop"/);
  const replayed = await send('signed', token, { authorization: `DPoP ${token}`, dpop: proof });
  assert.deepEqual([replayed.status, await reasonOf(replayed)], [401, 'proof_replayed']);
  assert.equal((await send('signed', token, { authorization: `DPoP ${token}`, dpop: prove() })).status, 200);
});

test('a provider that does not know us is a failure of ours, and the log says so without a secret', async () => {
  const answer = await sendToFail('wrong', await provider.token({ account: 'alice' }));
  assert.deepEqual([answer.status, await reasonOf(answer)], [503, 'introspection_unavailable']);
  const log = sidecar.child.output();
  assert.match(log, /the provider does not take us for its client/);
  assert.match(log, /status 401 invalid_client/);
  const calls = 'portcullis_provider_calls_total{identity="wrong",endpoint="introspection",outcome="refused"}';
  assert.ok((await sidecar.metric(calls)) > 0);
});

test('no token and no secret is seen anywhere', async () => {
  const token = await provider.token({ account: 'alice' });
  for (const identity of ['secret', 'key', 'certificate', 'signed', 'wrong']) await sendOnce(identity, token);
  const pages = await Promise.all(['/metrics', '/config', '/readyz'].map((path) => sidecar.page(path)));
  const seen = [sidecar.child.output(), await sidecar.stdout(), ...pages.map(({ body }) => body)].join('\n');
  assert.ok(!seen.includes(token));
  assert.ok(!seen.includes(secret));
  assert.match(seen, /portcullis_introspections_total\{identity="secret",from="provider",outcome="active"\}/);
});

test('what was looked up goes on while the provider is away, and nothing else', async () => {
  const [known, unknown] = [await provider.token({ account: 'alice' }), await provider.token({ account: 'bob' })];
  assert.equal((await send('key', known)).status, 200);
  await provider.close();
  assert.equal((await send('key', known)).status, 200);
  const answer = await sendToFail('key', unknown);
  assert.deepEqual([answer.status, await reasonOf(answer)], [503, 'introspection_unavailable']);
});
