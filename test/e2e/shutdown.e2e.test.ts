import assert from 'node:assert/strict';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { connectCheck } from '../support/check-client.ts';
import { startIngress } from '../support/ingress.ts';
import { openKeyServer } from '../support/key-server.ts';
import { startLoad } from '../support/load.ts';
import { startOtlpReceiver } from '../support/otlp-receiver.ts';
import { freePorts } from '../support/ports.ts';
import { auditLines, launchSidecar, startSidecarProcess } from '../support/sidecar.ts';
import { jwksOf, makeKey, signToken } from '../support/tokens.ts';

const anywhere = 'listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }';
const open = `
rules:
  - { id: echo, match: { path: /echo }, allow: anonymous }
`;
const issuer = 'https://idp.example';
const withKeys = (url: string): string => `
version: 1
${anywhere}
identity:
  users:
    jwt: { issuer: "${issuer}", audience: [orders], algorithms: [ES256], jwks: { url: "${url}", timeout: 30s } }
rules:
  - { id: echo, match: { path: /echo }, allow: anonymous }
  - { id: orders, match: { path: /orders }, identity: [users] }
`;

const key = makeKey('ES256');
const exp = Math.floor(Date.now() / 1000) + 600;
const headers = { authorization: `Bearer ${signToken(key, { iss: issuer, sub: 'alice', aud: 'orders', exp })}` };

/** The decision that let a request through, as /echo tells it; undefined when it was not let through. */
const decisionOf = (body: string): string | undefined => JSON.parse(body).headers?.['x-decision-id']?.[0];
const idsIn = (text: string): ReadonlySet<unknown> =>
  new Set(auditLines(text).map(({ unmapped }) => unmapped.portcullis['decision_id']));

test('SIGTERM under load: what is under way is answered, written down, and the process ends by itself', async (t) => {
  const keyServer = await openKeyServer();
  t.after(() => keyServer.close());
  keyServer.answer('/jwks', { kind: 'hang' });
  const sidecar = await startSidecarProcess({ config: withKeys(`${keyServer.origin}/jwks`) });
  t.after(() => sidecar.stop());
  const ingress = await startIngress({ grpc: sidecar.grpc });
  t.after(() => ingress.stop());
  const client = await connectCheck(sidecar.grpc);
  t.after(() => client.close());

  // Calls that wait for a key, the whole while that others come and go.
  const load = startLoad(4, () => ingress.send({ path: '/echo' }));
  const direct = startLoad(2, () => client.check({ path: '/echo', deadlineMs: 5000 }).catch(() => undefined));
  await Promise.all([load.more(50), direct.more(50)]);
  const pending = Array.from({ length: 8 }, () => client.check({ headers, deadlineMs: 10_000 }));
  await direct.more(2); // on the same connection, so the calls before it have arrived
  const watch = client.official.stream('grpc.health.v1.Health/Watch', {});
  assert.deepEqual((await watch.answers.next()).value, { status: 'NOT_SERVING' }); // no keys yet

  sidecar.child.signal('SIGTERM');
  await waitFor({
    what: 'nobody new is taken',
    holds: async () => (await ingress.send({ path: '/echo' })).status === 503,
  });
  assert.equal(sidecar.child.hasEnded(), false);
  keyServer.answer('/jwks', { kind: 'json', value: jwksOf(key) });
  keyServer.release();
  const answered = await Promise.all(pending);
  assert.deepEqual(new Set(answered.map(({ status }) => status)), new Set([200]));
  assert.equal(await sidecar.child.ended, 'exit code 0');

  const seen = await load.stop();
  await direct.stop();
  // Envoy's own no for those that came too late: never an error on the wire, never a request let through unasked.
  for (const { status, headers: sent } of seen) assert.ok(status === 200 || (status === 503 && !sent['x-decision-id']));
  const written = idsIn(await sidecar.stdout());
  const ids = [
    ...answered.map(({ decisionId }) => decisionId),
    ...direct.results.flatMap((one) => one?.decisionId ?? []),
    ...seen.filter(({ status }) => status === 200).map(({ body }) => decisionOf(body)),
  ];
  assert.ok(ids.length >= 108);
  assert.deepEqual(
    ids.filter((id) => !written.has(id)),
    [],
  );
  assert.match(sidecar.child.output(), /"whole":true,"message":"drained"/);
  assert.equal((await sidecar.audit()).at(-1)?.message, 'stopping');
});

test('health says NOT_SERVING before its streams end', async (t) => {
  const sidecar = await startSidecarProcess({ config: `version: 1\n${anywhere}${open}` });
  t.after(() => sidecar.stop());
  const client = await connectCheck(sidecar.grpc);
  t.after(() => client.close());
  const services = ['', 'envoy.service.auth.v3.Authorization', 'envoy.service.ratelimit.v3.RateLimitService'];
  const watches = services.map((service) => client.official.stream('grpc.health.v1.Health/Watch', { service }));
  for (const { answers } of watches) assert.deepEqual((await answers.next()).value, { status: 'SERVING' });
  sidecar.child.signal('SIGTERM');
  for (const { answers } of watches) {
    assert.deepEqual((await answers.next()).value, { status: 'NOT_SERVING' });
    await assert.rejects(answers.next(), { code: 14 });
  }
  assert.equal(await sidecar.child.ended, 'exit code 0');
});

test('sinks and key servers that hang do not hold up the end', async (t) => {
  const receiver = await startOtlpReceiver();
  t.after(() => receiver.stop());
  receiver.behave('hold');
  const keyServer = await openKeyServer();
  t.after(() => keyServer.close());
  keyServer.answer('/jwks', { kind: 'hang' });
  const more = `telemetry: { otlp: { endpoint: "${receiver.endpoint}" }, sample_root: 1 }\naudit: { sinks: [stdout, otlp] }\n`;
  const sidecar = await startSidecarProcess({ config: withKeys(`${keyServer.origin}/jwks`) + more });
  t.after(() => sidecar.stop());
  const client = await connectCheck(sidecar.grpc);
  t.after(() => client.close());
  const pending = client.check({ headers, deadlineMs: 30_000 });
  assert.equal((await client.check({ path: '/echo' })).status, 200);
  sidecar.child.signal('SIGTERM');
  assert.equal((await pending).status, 503);
  await waitFor({ what: 'it ends', holds: async () => sidecar.child.hasEnded(), boundMs: 12_000 });
  assert.equal(await sidecar.child.ended, 'exit code 0');
});

test('a promise that is rejected while nobody looks ends nothing, and its message stays inside', async (t) => {
  const reject = 'process.on("SIGUSR2", () => void Promise.reject(new RangeError(["A", "SECRET"].join("-"))))';
  const env = { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(reject)}"` };
  const sidecar = await startSidecarProcess({ config: `version: 1\n${anywhere}${open}`, env });
  t.after(() => sidecar.stop());
  const client = await connectCheck(sidecar.grpc);
  t.after(() => client.close());
  sidecar.child.signal('SIGUSR2');
  await waitFor({ what: 'it is told', holds: async () => sidecar.child.output().includes('nobody looked') });
  assert.match(sidecar.child.output(), /"error":"RangeError"/);
  assert.equal(sidecar.child.output().includes('A-SECRET'), false);
  assert.equal((await client.check({ path: '/echo' })).status, 200);
  assert.equal(await sidecar.stop(), 'exit code 0');
});

test('a unix socket: Envoy calls through it, a stale one is replaced, and none is left at the end', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-socket-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const socket = join(folder, 'grpc.sock');
  const config = `version: 1\nlisten: { grpc: "unix:${socket}", admin: "127.0.0.1:0" }${open}`;
  const killed = await startSidecarProcess({ config });
  killed.child.signal('SIGKILL');
  await killed.stop();
  await access(socket);

  const sidecar = await startSidecarProcess({ config });
  t.after(() => sidecar.stop());
  assert.equal(sidecar.grpc, `unix:${socket}`);
  const ingress = await startIngress({ grpc: sidecar.grpc });
  t.after(() => ingress.stop());
  assert.equal((await ingress.send({ path: '/echo' })).status, 200);
  assert.equal((await ingress.send({ path: '/orders' })).status, 403);
  assert.equal(await sidecar.stop(), 'exit code 0');
  await assert.rejects(access(socket), { code: 'ENOENT' });
});

/** How a sidecar that cannot start ends, and what it says. */
async function refused(
  config: string,
): Promise<{ readonly how: string; readonly said: string; readonly stdout: string }> {
  const launched = await launchSidecar({ config });
  try {
    const { child } = launched;
    await waitFor({ what: 'it gives up', holds: async () => child.hasEnded() });
    return { how: await child.ended, said: child.output(), stdout: await readFile(launched.stdoutFile, 'utf8') };
  } finally {
    await launched.stop();
  }
}

test('a taken port is exit code 1 and a message that names it, whatever else is open by then', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const [nobody = 0] = await freePorts(1);
  const around = `redis: { url: "redis://127.0.0.1:${nobody}" }\ntelemetry: { otlp: { endpoint: "http://127.0.0.1:${nobody}" } }`;
  const listens = [
    `listen: { grpc: "127.0.0.1:${port}", admin: "127.0.0.1:0" }`,
    `listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:${port}" }`,
  ];
  const config = withKeys(`http://127.0.0.1:${nobody}/jwks`);
  const ends = await Promise.all(listens.map((listen) => refused(config.replace(anywhere, `${listen}\n${around}`))));
  for (const { how, said } of ends) {
    assert.equal(how, 'exit code 1');
    assert.match(
      said,
      new RegExp(`^portcullis: cannot listen on 127\\.0\\.0\\.1:${port}: the address is in use$`, 'm'),
    );
  }
});

test('a bad config is exit code 2 and every issue on standard error', async () => {
  const bad = `version: 1
limits: { a: { key: nobody, rate: 5/m } }
rules:
  - { id: one, match: { path: /one }, identity: [strangers], limits: [b] }
  - { id: one, match: { path: /two }, allow: anonymous }
`;
  const { how, said, stdout } = await refused(bad);
  assert.equal(how, 'exit code 2');
  const places = said
    .split('\n')
    .flatMap((line) => /portcullis\.yaml:(\d+):\d+ (\S+) /.exec(line)?.slice(1).join(' ') ?? []);
  assert.deepEqual(places.sort(), [
    '2 limits.a.key',
    '4 rules[0].identity[0]',
    '4 rules[0].limits[0]',
    '5 rules[1].id',
  ]);
  assert.equal(stdout, '');
});
