import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mintApiKey } from '../../src/authn/api-key/mint.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { withAwayAndTeapot } from '../support/access-log-routes.ts';
import { type Ingress, startIngress } from '../support/ingress.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';

const { key, entry } = mintApiKey({ owner: 'acme', roles: [], id: 'acme' });

/** Everything below /teapot is answered by Envoy, which asks nobody. */
const withTeapots = (text: string): string =>
  withAwayAndTeapot(text).replace('{ path: /teapot }', '{ prefix: /teapot }');

const config = (detection: string): string => `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0", access_log: "127.0.0.1:0" }
identity:
  partners: { api_key: { keys_file: keys.yaml } }
detection: ${detection}
rules:
  - { id: partners, match: { path: /echo }, identity: [partners] }
  - { id: open, match: { path: /healthz }, allow: anonymous }
`;

/** Runs a test against a gateway of its own: all come from one address, which ends up banned. */
async function withGateway(
  detection: string,
  run: (parts: { sidecar: SidecarProcess; ingress: Ingress }) => Promise<void>,
): Promise<void> {
  const files = { 'keys.yaml': JSON.stringify({ keys: [entry] }) };
  const sidecar = await startSidecarProcess({ config: config(detection), files });
  try {
    const { grpc, accessLog } = sidecar;
    const ingress = await startIngress({ bootstrap: 'access-log.yaml', grpc, accessLog, edit: withTeapots });
    try {
      await run({ sidecar, ingress });
    } finally {
      await ingress.stop();
    }
  } finally {
    await sidecar.stop();
  }
}

test('an address that guesses API keys is banned, and the metrics tell of it', async () => {
  await withGateway('{ stuffing: { action: ban, for: 1h } }', async ({ sidecar, ingress }) => {
    const present = async (shown: string): Promise<number> =>
      (await ingress.send({ path: '/echo', headers: { 'x-api-key': shown } })).status;
    // Whoever shows the same key again and again does not guess.
    const [wrong = ''] = [mintApiKey({ owner: 'nobody', roles: [], id: 'nobody' }).key];
    for (let tries = 0; tries < 12; tries += 1) assert.equal(await present(wrong), 401);
    assert.equal(await sidecar.metric('portcullis_findings_active{detector="stuffing"}'), 0);
    let guesses = 0;
    await waitFor({
      what: 'the address is banned',
      holds: async () => {
        guesses += 1;
        return (await present(mintApiKey({ owner: 'nobody', roles: [], id: `n${guesses}` }).key)) === 403;
      },
    });
    assert.equal(await present(key), 403);
    assert.ok(guesses > 5, `${guesses}`);
    assert.equal(await sidecar.metric('portcullis_findings_total{detector="stuffing",action="ban",shadow="false"}'), 1);
    assert.equal(await sidecar.metric('portcullis_findings_active{detector="stuffing"}'), 1);
    assert.equal(await sidecar.metric('portcullis_detection_bans_total{detector="stuffing",outcome="made"}'), 1);
    assert.match(sidecar.child.output(), /detection has found something/);
    assert.ok(!sidecar.child.output().includes(wrong));
  });
});

test('an address that asks for one thing after the other that is not there is banned', async () => {
  await withGateway('{ scanning: { action: ban } }', async ({ sidecar, ingress }) => {
    let path = 0;
    await waitFor({
      what: 'the address is banned',
      holds: async () => {
        path += 1;
        await ingress.send({ path: `/admin/${path}.php` });
        return (await ingress.send({ path: '/healthz' })).status === 403;
      },
    });
    assert.ok(path > 10, `${path}`);
    assert.equal(await sidecar.metric('portcullis_findings_total{detector="scanning",action="ban",shadow="false"}'), 1);
  });
});

test('what only Envoy answered is observed, too, and a detector in shadow does nothing', async () => {
  await withGateway('{ scanning: { action: ban, mode: shadow, paths: 2 } }', async ({ sidecar, ingress }) => {
    let path = 0;
    await waitFor({
      what: 'the scan is found',
      holds: async () => {
        path += 1;
        assert.equal((await ingress.send({ path: `/teapot/${path}` })).status, 418);
        return (
          (await sidecar.metric('portcullis_findings_total{detector="scanning",action="ban",shadow="true"}')) === 1
        );
      },
    });
    assert.equal((await ingress.send({ path: '/healthz' })).status, 200);
    assert.equal(await sidecar.metric('portcullis_detection_bans_total{detector="scanning",outcome="made"}'), 0);
  });
});
