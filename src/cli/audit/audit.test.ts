import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { allowed, denied } from '../../../test/support/trails.ts';
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
