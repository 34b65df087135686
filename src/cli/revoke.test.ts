import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { runCommands } from '../../test/support/command-line.ts';
import { freePorts } from '../../test/support/ports.ts';
import { systemClock } from '../core/clock.ts';
import { silentLog } from '../core/ports.ts';
import type { Revocation } from '../core/revocation.ts';
import { StoreUnavailable } from '../core/unavailable.ts';
import { openAdminApi } from '../server/admin/api.ts';
import { revocationRoutes } from '../server/admin/revocations.ts';
import { listenAdmin } from '../server/admin.ts';
import { listenAt } from '../server/listen.ts';
import { revokeCommand } from './revoke.ts';

const token = 'correct-horse-battery-staple-0123456789';
const folder = mkdtempSync(join(tmpdir(), 'portcullis-revoke-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const tokenFile = join(folder, 'admin.token');
writeFileSync(tokenFile, `${token}\n`);

const config = (admin: string, more = ''): string => {
  const file = join(folder, `${Math.random()}.yaml`);
  const text = `
version: 1
listen: { admin: ${admin} }
identity:
  users: { jwt: { issuer: "https://idp.example", audience: [orders], algorithms: [ES256], jwks: { inline: { keys: [] } } } }
  partners: { api_key: { keys_file: none.yaml } }
${more}
rules: []
`;
  writeFileSync(file, text);
  return file;
};

const run = (context: TestContext, ...args: readonly string[]) =>
  runCommands(context, (say) => [revokeCommand(say)], ['revoke', ...args]);

/** A sidecar's admin API, and the config that names it. */
async function open(context: TestContext, revoke?: () => Promise<void>, address = '127.0.0.1:0', shared = true) {
  const revoked: Revocation[] = [];
  const routes = revocationRoutes({
    revocations: {
      list: () => revoked,
      revoke: revoke ?? (async (one) => void revoked.push(one)),
    },
    shared,
    identities: () =>
      new Map([
        ['users', 'jwt'],
        ['partners', 'api_key'],
      ]),
    keepMs: () => 3_600_000,
    clock: systemClock,
  });
  const admin = await listenAdmin(address, {
    readiness: () => ({ missing: [], reload: undefined }),
    metrics: () => '',
    config: () => ({}),
    api: openAdminApi({ routes, token: () => token, audit: { administered: () => {} }, log: silentLog }),
    log: silentLog,
  });
  context.after(() => admin.close());
  const file = config(`{ address: "${admin.address}", token_file: "${tokenFile}" }`);
  return { address: admin.address, file, revoked };
}

test('each thing that can be revoked is, with the identity that the config leaves no choice of', async (context) => {
  const { file, revoked } = await open(context);
  for (const args of [
    ['--principal', 'users/alice/at/home', '--before', '2026-01-31T12:00:00Z', '--until', '2099-01-01'],
    ['--token', 'jti-1', '--identity', 'users', '--for', '1d'],
    ['--session', 'sid-1'],
    ['--key', 'k1'],
  ]) {
    const { code, err } = await run(context, file, ...args);
    assert.deepEqual([code, err], [0, ''], args.join(' '));
  }
  assert.deepEqual(
    revoked.map(({ kind, source, value, beforeMs }) => [kind, source, value, beforeMs]),
    [
      ['principal', 'users', 'alice/at/home', Date.UTC(2026, 0, 31, 12)],
      ['credential', 'users', 'jti-1', undefined],
      ['session', 'users', 'sid-1', undefined],
      ['credential', 'partners', 'k1', undefined],
    ],
  );
  assert.deepEqual([revoked[0]?.untilMs, revoked[3]?.untilMs], [Date.UTC(2099, 0, 1), undefined]);
});

test('it says what was revoked, to people and to programs', async (context) => {
  const { file } = await open(context);
  const principal = ['--principal', 'users/alice', '--before', '2026-01-31', '--until', '2099-01-01'];
  assert.equal(
    (await run(context, file, ...principal)).out,
    'revoked: principal users/alice, what was issued before 2026-01-31T00:00:00.000Z, until 2099-01-01T00:00:00.000Z',
  );
  assert.equal((await run(context, file, '--key', 'k1')).out, 'revoked: credential partners/k1, for good');
  const { out } = await run(context, file, '--key', 'k1', '--json');
  const said = {
    ok: true,
    kind: 'credential',
    identity: 'partners',
    value: 'k1',
    before: null,
    until: null,
    shared: true,
  };
  assert.deepEqual(JSON.parse(out), said);
});

test('a sidecar without Redis says that it alone knows', async (context) => {
  const { file } = await open(context, undefined, '127.0.0.1:0', false);
  const { code, out } = await run(context, file, '--key', 'k1');
  assert.equal(code, 0);
  assert.match(out, /^revoked: credential partners\/k1, for good\nwithout Redis, this process alone knows/);
});

test('before now is the time of the command', async (context) => {
  const { file, revoked } = await open(context);
  const startMs = Date.now();
  await run(context, file, '--principal', 'users/alice', '--before', 'now');
  const { beforeMs = 0 } = revoked[0] ?? {};
  assert.ok(beforeMs >= startMs && beforeMs <= Date.now());
});

test('without a config, address and token come from the command line; a unix socket is an address too', async (context) => {
  const socket = `unix:${join(folder, 'admin.sock')}`;
  for (const address of ['127.0.0.1:0', socket]) {
    const sidecar = await open(context, undefined, address);
    const at = address === socket ? socket : `http://${sidecar.address}`;
    const { code } = await run(
      context,
      ...['--admin', at, '--token-file', tokenFile, '--token', 'j', '--identity', 'users'],
    );
    assert.equal(code, 0);
    assert.equal(sidecar.revoked.length, 1);
    assert.equal((await run(context, sidecar.file, '--session', 's')).code, 0);
  }
});

test('a sidecar that refuses is exit code 2 with its words', async (context) => {
  const { address, revoked } = await open(context);
  const other = join(folder, 'other.token');
  writeFileSync(other, 'an-other-token-an-other-token-an-other-token');
  const args = ['--admin', `http://${address}`, '--token', 'j', '--identity', 'nobody', '--json'];
  const wrong = await run(context, ...args, '--token-file', other);
  assert.equal(wrong.code, 2);
  assert.deepEqual(JSON.parse(wrong.out), {
    ok: false,
    detail: 'not revoked: this is not the admin token',
    code: 'admin_token_wrong',
  });
  const unknown = await run(context, ...args, '--token-file', tokenFile);
  assert.deepEqual([unknown.code, JSON.parse(unknown.out).code], [2, 'request_invalid']);
  assert.deepEqual(revoked, []);
});

test('a sidecar that cannot be reached, or whose store is away, is exit code 1', async (context) => {
  const away = await open(context, () => Promise.reject(new StoreUnavailable('the store is away')));
  const { code, err } = await run(context, away.file, '--key', 'k1');
  assert.equal(code, 1);
  assert.match(err, /^error: not revoked: the store is away; it may or may not be done, so ask again\n$/);

  const [port = 0] = await freePorts(1);
  const nobody = await run(
    context,
    config(`{ address: "127.0.0.1:${port}", token_file: "${tokenFile}" }`),
    '--key',
    'k1',
  );
  assert.deepEqual([nobody.code, nobody.out], [1, '']);
  assert.match(nobody.err, /cannot reach the admin API at 127\.0\.0\.1:\d+: nobody listens there/);

  const server = createServer((_, response) => response.end('<html>'));
  const address = await listenAt(server, '127.0.0.1:0');
  context.after(() => server.close());
  const html = await run(context, config(`{ address: "${address}", token_file: "${tokenFile}" }`), '--key', 'k1');
  assert.equal(html.code, 1);
  assert.match(html.err, /is no Portcullis/);
});

const good = `{ address: "127.0.0.1:9", token_file: "${tokenFile}" }`;
for (const [name, file, args, message] of [
  ['nothing to revoke', good, [], /exactly one of/],
  ['two things to revoke', good, ['--key', 'a', '--session', 'b'], /exactly one of/],
  ['an empty value', good, ['--key', ''], /--key is empty/],
  ['no identity in a principal', good, ['--principal', 'alice'], /IDENTITY\/ID/],
  ['an identity twice', good, ['--principal', 'users/alice', '--identity', 'users'], /IDENTITY\/ID/],
  [
    'an unknown identity',
    good,
    ['--session', 's', '--identity', 'usres'],
    /no identity "usres"; it has users, partners/,
  ],
  ['a bad time', good, ['--key', 'a', '--before', 'yesterday'], /--before takes a time .* or now/],
  ['a bad end', good, ['--key', 'a', '--until', 'now'], /--until takes a time/],
  ['a bad duration', good, ['--key', 'a', '--for', '0d'], /--for takes a duration/],
  ['two ends', good, ['--key', 'a', '--for', '1d', '--until', '2099-01-01'], /not both/],
  [
    'a port of the system’s choice',
    `{ address: "127.0.0.1:0", token_file: "${tokenFile}" }`,
    ['--key', 'a'],
    /no address to ask at/,
  ],
  ['no token in the config', '"127.0.0.1:9"', ['--key', 'a'], /names no admin token; set listen\.admin\.token_file/],
  ['a URL with a path', good, ['--key', 'a', '--admin', 'http://127.0.0.1:9/x'], /no address to ask at/],
  ['no token file', good, ['--key', 'a', '--token-file', 'none.token'], /cannot read the token file/],
] as const) {
  test(`a command line with ${name} is refused with exit code 2`, async (context) => {
    const { code, out, err } = await run(context, config(file), ...args);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, message);
  });
}

test('without a config, the identity and the address must be said', async (context) => {
  assert.match((await run(context, '--key', 'a')).err, /name the config .*, or give both --admin and --token-file/);
  const bare = ['--admin', 'http://127.0.0.1:9', '--token-file', tokenFile];
  assert.match((await run(context, ...bare, '--key', 'a')).err, /--key needs --identity/);
});

test('a choice of identities is said', async (context) => {
  const more = '  others: { api_key: { keys_file: none.yaml, header: x-other } }';
  const { code, err } = await run(context, config(good, more), '--key', 'k');
  assert.equal(code, 2);
  assert.match(err, /--key needs --identity, .* one of partners, others/);
});

test('a config with issues is refused with them', async (context) => {
  const file = join(folder, 'bad.yaml');
  writeFileSync(file, 'version: 2\nrules: []\n');
  const { code, out } = await run(context, file, '--key', 'k');
  assert.equal(code, 2);
  assert.match(out, /bad\.yaml:1:10 version must be 1/);
});
