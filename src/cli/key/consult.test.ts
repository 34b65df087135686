import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startRedis } from '../../../test/support/redis.ts';
import { mintApiKey, openRevocations } from '../../authn/index.ts';
import { systemClock } from '../../core/clock.ts';
import { silentLog, silentSignals } from '../../core/ports.ts';
import type { Revocation } from '../../core/revocation.ts';
import { waitFor } from '../../envoy/condition.ts';
import { openState } from '../stores.ts';
import { listCommand } from './list.ts';

const entries = ['byid', 'byowner', 'later', 'good', 'off'].map((id) => ({
  ...mintApiKey({ owner: id === 'byowner' ? 'mallory' : 'acme', roles: [], id }).entry,
  created: '2026-01-15T12:00:00Z',
}));
const taken = (kind: Revocation['kind'], value: string, more: Partial<Revocation> = {}): Revocation => ({
  ...{ kind, source: 'partners', value, beforeMs: undefined, untilMs: undefined },
  ...more,
});
const revocations = [
  taken('credential', 'byid'),
  taken('principal', 'mallory'),
  taken('credential', 'later', { beforeMs: Date.UTC(2026, 0, 1) }),
  taken('credential', 'off', { source: 'others' }),
];
const states = { byid: 'revoked', byowner: 'revoked', later: 'active', good: 'active', off: 'active' };

/** The options for a config with these keys, and more in it. */
function configWith(context: TestContext, more: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-consult-'));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'admin.token'), '0123456789abcdef0123456789abcdef');
  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: entries }));
  const config = join(folder, 'portcullis.yaml');
  const identity = 'identity: { partners: { api_key: { keys_file: keys.json } } }';
  writeFileSync(config, `version: 1\n${identity}\nrules: []\n${more}\n`);
  return ['--config', config];
}

async function list(...options: readonly string[]) {
  const out: string[] = [];
  await listCommand((text) => out.push(text)).parseAsync(options, { from: 'user' });
  return out.join('\n');
}

async function listed(options: readonly string[]) {
  const { keys, revocations: known } = JSON.parse(await list(...options, '--json'));
  return { known, states: Object.fromEntries(keys.map(({ id, state }: Record<string, string>) => [id, state])) };
}

test('keys that have been taken back with `portcullis revoke` are revoked, says the Redis of the config', async (context) => {
  const redis = await startRedis();
  context.after(() => redis.stop());
  const state = openState({ url: redis.url, timeoutMs: 1000 }, silentSignals, silentLog);
  context.after(() => state.close());
  const known = openRevocations(state, systemClock);
  context.after(() => known.close());
  await waitFor({ what: 'Redis answers', holds: async () => known.ready() });
  for (const one of revocations) await known.revoke(one);
  const options = configWith(context, `redis: { url: "${redis.url}" }`);
  assert.deepEqual(await listed(options), { known: { consulted: true }, states });
  assert.match(await list(...options), /^byid +acme +revoked /m);
});

/** An admin API that answers this; what it was asked for. */
async function admin(context: TestContext, status: number, body: object) {
  const asked: unknown[] = [];
  const server = createServer(({ url, headers }, response) => {
    asked.push([url, headers.authorization]);
    response.writeHead(status).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const listen = `{ address: "127.0.0.1:${address.port}", token_file: admin.token }`;
  return { asked, options: configWith(context, `listen: { grpc: "127.0.0.1:9191", admin: ${listen} }`) };
}

const timeText = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());
const told = revocations
  .filter(({ source }) => source === 'partners')
  .map(({ kind, source, value, beforeMs, untilMs }) => {
    return { kind, identity: source, value, before: timeText(beforeMs), until: timeText(untilMs) };
  });

test('without Redis the admin API of the sidecar says so', async (context) => {
  const { asked, options } = await admin(context, 200, { revocations: told, total: told.length });
  assert.deepEqual(await listed(options), { known: { consulted: true }, states });
  assert.deepEqual(asked, [['/revocations?identity=partners', 'Bearer 0123456789abcdef0123456789abcdef']]);
});

test('what is not known is said, and why', async (context) => {
  const many = await admin(context, 200, { revocations: told, total: 1003 });
  assert.deepEqual((await listed(many.options)).known, { consulted: false, reason: 'the admin API left out 1000' });
  const refusing = await admin(context, 401, { code: 'admin_token_wrong' });
  const gone = configWith(context, 'listen: { admin: { address: "127.0.0.1:1", token_file: admin.token } }');
  for (const [options, reason] of [
    [refusing.options, /^the admin API refused to tell \(401\)$/],
    [gone, /^cannot reach the admin API at 127\.0\.0\.1:1: /],
    [configWith(context, ''), /^the config names neither redis\.url nor listen\.admin\.token_file$/],
  ] as const) {
    const { known, states: plain } = await listed(options);
    assert.equal(known.consulted, false);
    assert.match(known.reason, reason);
    assert.equal(plain['byid'], 'active');
  }
  const [, config = ''] = gone;
  const byFile = await list('--file', config.replace('portcullis.yaml', 'keys.json'));
  assert.match(
    byFile,
    /\n# What `portcullis revoke` has taken back is not known: only with --config is it known whom to ask\.$/,
  );
});
