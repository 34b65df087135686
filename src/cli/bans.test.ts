import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { adminToken, openBanAdmin } from '../../test/support/ban-admin.ts';
import { aBan } from '../../test/support/bans.ts';
import { runCommands } from '../../test/support/command-line.ts';
import { StoreUnavailable } from '../core/unavailable.ts';
import { bansCommand } from './bans.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-bans-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const tokenFile = join(folder, 'admin.token');
writeFileSync(tokenFile, `${adminToken}\n`);

const run = (context: TestContext, ...args: readonly string[]) =>
  runCommands(context, (say) => [bansCommand(say)], ['bans', ...args]);

async function open(
  context: TestContext,
  ...more: Parameters<typeof openBanAdmin> extends [unknown, ...infer R] ? R : never
) {
  const { address, bans } = await openBanAdmin(context, ...more);
  const file = join(folder, `${address.replace(':', '-')}.yaml`);
  writeFileSync(
    file,
    `version: 1\nlisten: { admin: { address: "${address}", token_file: "${tokenFile}" } }\nrules: []\n`,
  );
  return { file, bans, address };
}

test('a ban is added, listed and removed, for people and for programs', async (context) => {
  const { file, bans } = await open(context);
  const added = await run(context, 'add', file, '--address', '198.51.100.7', '--for', '1h', '--why', 'scrapes');
  const [ban] = bans.list();
  assert.ok(ban);
  const line = `198.51.100.7 refused until 2026-01-15T01:00:00.000Z, by operator: scrapes (${ban.id})`;
  assert.deepEqual(added, { code: 0, out: `banned: ${line}`, err: '' });
  const tightened = await run(context, 'add', file, '--principal', 'users/alice', '--tighten', '5', '--json');
  const { ok, effect, tighten, until } = JSON.parse(tightened.out);
  assert.deepEqual([tightened.code, ok, effect, tighten, until], [0, true, 'tighten', 5, null]);
  assert.equal((await run(context, 'list', file, '--address', '198.51.100.7')).out, line);
  assert.equal(JSON.parse((await run(context, 'list', file, '--json')).out).total, 2);
  assert.match(
    (await run(context, 'list', file, '--by', 'operator', '--principal', 'users/alice')).out,
    /^users\/alice counts 5 times until it is removed, by operator: by hand/,
  );
  const removed = await run(context, 'remove', file, '--id', ban.id);
  assert.deepEqual(removed, { code: 0, out: `no longer banned: ${line}`, err: '' });
  assert.equal((await run(context, 'remove', file, '--principal', 'users/alice', '--json')).code, 0);
  assert.equal((await run(context, 'list', file)).out, 'nobody is banned');
});

test('a sidecar without a config at hand, and one without Redis', async (context) => {
  const { address } = await open(context, {}, false);
  const where = ['--admin', `http://${address}`, '--token-file', tokenFile];
  const { code, out } = await run(context, 'add', ...where, '--address', '2001:db8::1', '--until', '2027-01-01');
  assert.equal(code, 0);
  assert.match(
    out,
    /^banned: 2001:db8::\/64 refused until 2027-01-01T00:00:00.000Z.*\nwithout Redis, this process alone knows/,
  );
});

test('a list that is too long says how much is left', async (context) => {
  const { file, bans } = await open(context);
  for (let at = 0; at < 1003; at += 1) await bans.ban(aBan(`192.0.${at >> 8}.${at & 255}`));
  const { out } = await run(context, 'list', file);
  assert.equal(out.split('\n').length, 1001);
  assert.match(out, /\nand 3 more$/);
});

test('what cannot be meant is 2, and what cannot be reached is 1', async (context) => {
  const { file } = await open(context);
  for (const [args, problem] of [
    [['add', file], /exactly one of --address and --principal/],
    [['add', file, '--address', '192.0.2.1', '--principal', 'users/a'], /exactly one/],
    [['add', file, '--address', '192.0.2.1', '--for', '1h', '--until', '2027-01-01'], /not both/],
    [['add', file, '--address', '192.0.2.1', '--for', 'x'], /--for takes a duration/],
    [['add', file, '--address', '192.0.2.1', '--until', 'x'], /--until takes a time/],
    [['add', file, '--address', '192.0.2.1', '--tighten', 'x'], /--tighten takes a whole number/],
    [['add', file, '--address', '0.0.0.0/0'], /not banned: 0\.0\.0\.0\/0 is wider than \/8/],
    [['add', file, '--principal', 'nobody/a'], /no identity "nobody"/],
    [['add', '--address', '192.0.2.1'], /name the config of the sidecar/],
    [['remove', file], /exactly one of --address, --principal, --id/],
    [['remove', file, '--address', '192.0.2.1'], /nothing removed: there is no ban of 192\.0\.2\.1/],
    [['list', file, '--address', 'x'], /not listed: "address" must be/],
    [['drop', file], /unknown command/],
  ] as const) {
    const { code, err } = await run(context, ...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(err, problem);
  }
  assert.equal((await run(context, 'add', file, '--address', '0.0.0.0/0', '--force')).code, 0);
  const away = await open(context, { ban: () => Promise.reject(new StoreUnavailable('the state store is away')) });
  const { code, out } = await run(context, 'add', away.file, '--address', '192.0.2.1', '--json');
  assert.deepEqual([code, JSON.parse(out).code], [1, 'store_unavailable']);
});

test('a list of very many words is shown whole', async (context) => {
  const { file, bans } = await open(context);
  for (let at = 0; at < 1000; at += 1) {
    await bans.ban(aBan(`10.0.${at >> 8}.${at & 255}`, { why: 'x'.repeat(1024) }));
  }
  const { code, out } = await run(context, 'list', file);
  assert.deepEqual([code, out.split('\n').length], [0, 1000]);
});
