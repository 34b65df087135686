import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { changeFile, FileNotChanged } from './change-file.ts';

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'portcullis-change-'));
  context.after(() => rmSync(path, { recursive: true }));
  return path;
}

test('changes at once are all there in the end, and nothing else is left', async (context) => {
  const base = folder(context);
  const file = join(base, 'list');
  await Promise.all(Array.from({ length: 20 }, (_, index) => changeFile(file, (text = '') => `${text}${index}\n`)));
  assert.deepEqual(new Set(readFileSync(file, 'utf8').trim().split('\n')).size, 20);
  assert.deepEqual(readdirSync(base), ['list']);
});

test('what somebody without the lock writes meanwhile is not lost', async (context) => {
  const file = join(folder(context), 'list');
  writeFileSync(file, 'a');
  let looks = 0;
  await changeFile(file, (text = '') => {
    looks += 1;
    if (looks === 1) writeFileSync(file, 'ab');
    return `${text}!`;
  });
  assert.equal(readFileSync(file, 'utf8'), 'ab!');
});

test('a link stays one, and the mode of the file stays', async (context) => {
  const base = folder(context);
  const [file, link] = [join(base, 'real'), join(base, 'link')];
  writeFileSync(file, 'a', { mode: 0o640 });
  symlinkSync(file, link);
  await changeFile(link, (text = '') => `${text}b`);
  assert.equal(readFileSync(file, 'utf8'), 'ab');
  assert.equal(statSync(file).mode & 0o777, 0o640);
  assert.deepEqual(readdirSync(base), ['link', 'real']);
});

test('what cannot be changed says why, and an edit that throws changes nothing', async (context) => {
  const base = folder(context);
  const file = join(base, 'list');
  writeFileSync(file, 'a');
  const wrong = new RangeError('no');
  const throwing = (): never => {
    throw wrong;
  };
  await assert.rejects(changeFile(file, throwing), wrong);
  assert.deepEqual(readdirSync(base), ['list']);
  await assert.rejects(
    changeFile(base, (text = '') => text),
    FileNotChanged,
  );
  await assert.rejects(
    changeFile(join(base, 'none', 'list'), () => 'a'),
    FileNotChanged,
  );
  assert.equal(readFileSync(file, 'utf8'), 'a');
});
