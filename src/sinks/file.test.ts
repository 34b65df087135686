import assert from 'node:assert/strict';
import fs, { mkdtemp, readdir, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock, type TestContext, test } from 'node:test';
import { openTime } from '../../test/support/authn.ts';
import { openFile } from './file.ts';

const dayMs = 86_400_000;
const unbounded = { maxBytes: undefined, maxAgeMs: undefined, keep: undefined };

async function folderOf(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-file-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('a file whose time of birth nobody knows is as old as we know it', async (context) => {
  const folder = await folderOf(context);
  const { stat } = fs;
  mock.method(fs, 'stat', async (path: string) => Object.assign(await stat(path), { birthtimeMs: 0 }));
  syncBuiltinESMExports();
  context.after(() => {
    mock.restoreAll();
    syncBuiltinESMExports();
  });
  const time = openTime();
  const file = openFile({ path: join(folder, 'a'), rotation: { ...unbounded, maxAgeMs: dayMs, keep: 1 } }, time.clock);
  for (const line of ['1', '2', '3']) assert.equal(await file.write([{ line }]), 'written');
  assert.deepEqual(await readdir(folder), ['a']);
  time.advance(dayMs + 1);
  await file.write([{ line: '4' }]);
  assert.equal((await readdir(folder)).length, 2);
  await file.write([{ line: '5' }]);
  assert.equal((await readdir(folder)).length, 2);
});

test('a file that cannot be written says why', async (context) => {
  const folder = await folderOf(context);
  const file = openFile({ path: join(folder, 'missing', 'a'), rotation: unbounded }, openTime().clock);
  assert.equal(await file.write([{ line: '1' }]), 'away');
  assert.equal(file.trouble(), 'ENOENT');
});
