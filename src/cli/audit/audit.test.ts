import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { allowed, denied, denyOf } from '../../../test/support/trails.ts';
import { type AuditKeys, buildAudit, createAudit } from '../../audit/index.ts';
import { silentContext } from '../../core/build.ts';
import { systemClock } from '../../core/clock.ts';
import { auditCommand } from '../audit.ts';
import { runCommandLine } from '../usage.ts';

async function run(...args: readonly string[]) {
  let out = '';
  const command = auditCommand((text) => {
    out += `${text}\n`;
  });
  for (const child of command.commands) child.configureOutput({ writeErr: (text) => (out += text) });
  await runCommandLine(command, args);
  const { exitCode = 0 } = process;
  process.exitCode = 0;
  return { out, exitCode };
}

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-audit-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function write(file: string, more: AuditKeys = {}): Promise<readonly string[]> {
  const keys: AuditKeys = { sinks: [{ file: { path: file } }], ...more };
  const audit = createAudit({ ...buildAudit(keys, silentContext), clock: systemClock });
  audit.lifecycle({ activity: 'start', version: 'v1' });
  audit.record(allowed());
  audit.record(denied('authorize', 'role_missing'));
  audit.lifecycle({ activity: 'stop', version: 'v1' });
  await audit.close(1000);
  return readFileSync(file, 'utf8').split('\n').slice(0, -1);
}

test('verify: 0 for what holds, 1 with file and line for what does not, 2 for what cannot be read', async (context) => {
  const folder = folderOf(context);
  const file = join(folder, 'audit.ndjson');
  const lines = await write(file);
  const whole = await run('verify', '--ended', file);
  assert.equal(whole.exitCode, 0, whole.out);
  assert.match(whole.out, /events 1 to 4 hold; ended in order\nok: 4 events in 1 chains/);

  const packed = join(folder, 'old.gz');
  writeFileSync(packed, gzipSync(`${lines.slice(0, 2).join('\n')}\n`));
  writeFileSync(file, `${lines.slice(2).join('\n')}\n`);
  assert.equal((await run('verify', file, packed)).exitCode, 0);
  assert.equal((await run('verify', '--partial', file)).exitCode, 0);

  writeFileSync(file, `${lines.toSpliced(2, 1).join('\n')}\n`);
  const missing = await run('verify', file);
  assert.equal(missing.exitCode, 1);
  assert.match(missing.out, new RegExp(`^${file}:3 missing: event 3 is missing before this line`));
  const told = JSON.parse((await run('verify', '--json', file)).out);
  assert.deepEqual([told.ok, told.chains[0].fault.code, told.chains[0].fault.line], [false, 'missing', 3]);

  assert.equal((await run('verify', join(folder, 'none'))).exitCode, 2);
  writeFileSync(join(folder, 'empty'), '');
  assert.equal((await run('verify', join(folder, 'empty'))).exitCode, 2);
  assert.equal((await run('verify', '--public-key', join(folder, 'none'), file)).exitCode, 2);
  assert.equal((await run('verify', '--public-key', file, file)).exitCode, 2);
  assert.equal((await run('verify')).exitCode, 2);
});

test('show: a call’s story from files and from the spool, in words and as JSON', async (context) => {
  const folder = folderOf(context);
  const file = join(folder, 'audit.ndjson');
  const spool = join(folder, 'spool');
  const audit = createAudit({
    ...buildAudit(
      {
        delivery: 'spool',
        spool: { directory: spool },
        floods: { first: 1 },
        sinks: [{ file: { path: file } }, { file: { path: `${file}.ecs`, encoding: 'ecs' } }],
      },
      silentContext,
    ),
    clock: systemClock,
  });
  const deny = (id: string) =>
    denied('authorize', 'role_missing', { decision: denyOf('role_missing', 'orders-write', id) });
  for (const id of ['id-1', 'id-2', 'id-3']) audit.record(deny(id));
  audit.record(allowed());
  await audit.close(5000);
  for (const place of [file, `${file}.ecs`, spool]) {
    const { out, exitCode } = await run('show', '--decision', 'id-1', place);
    assert.equal(exitCode, 0, place);
    assert.match(out, /^decision {5}id-1\n/);
    assert.match(out, /reason {7}role_missing: The principal lacks the role/);
    assert.match(out, /who {10}users\/alice\nfrom {9}203\.0\.113\.7\nrequest {6}PUT \/orders\/1\n/);
  }
  assert.match((await run('show', '--decision', 'id-2', file)).out, /repeated {5}2 times, told as one event/);
  const told = JSON.parse((await run('show', '--decision', 'id-1', '--json', file, spool)).out);
  assert.equal(told.events.length, 1);
  assert.equal((await run('show', '--decision', 'id-9', file)).exitCode, 1);
  assert.equal((await run('show', '--decision', 'id-9', join(folder, 'none'))).exitCode, 2);
});
