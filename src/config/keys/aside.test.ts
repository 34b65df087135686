import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { mintApiKey } from '../../authn/index.ts';
import { FileUnread } from '../aside/run.ts';
import { readOnThread } from './aside.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-aside-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const { entry } = mintApiKey({ owner: 'acme', roles: ['reader'], id: 'acme' });
const never = new AbortController().signal;

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}
const threadOf = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);

test('a keys file comes back packed, with the digest of what was read', async () => {
  for (const [name, text] of [
    ['keys.ndjson', `${JSON.stringify(entry)}\n`],
    ['keys.yaml', `keys: [${JSON.stringify(entry)}]\n`],
  ] as const) {
    const reading = await readOnThread()(write(name, text), never);
    assert.equal(reading?.digest, hash('sha256', text));
    assert.equal(reading.packed?.size, 1);
    assert.deepEqual(reading.issues, []);
  }
});

test('issues come back with their file, line, column and path, and then no keys do', async () => {
  const file = write('bad.yaml', 'keys:\n  - id: a\n    owner: 7\n');
  const reading = await readOnThread()(file, never);
  assert.equal(reading?.packed, undefined);
  assert.deepEqual(
    reading?.issues.map(({ message, ...place }) => [place, message]),
    [
      [{ file, line: 2, col: 5, path: 'keys[0].hash' }, 'is required'],
      [{ file, line: 3, col: 12, path: 'keys[0].owner' }, 'must be a text'],
    ],
  );
});

test('a file that is not there, or is no text, is left to whoever looks himself', async () => {
  assert.equal(await readOnThread()(join(folder, 'none.yaml'), never), undefined);
  writeFileSync(join(folder, 'bytes.yaml'), Buffer.of(0xff, 0xfe));
  assert.equal(await readOnThread()(join(folder, 'bytes.yaml'), never), undefined);
});

test('a thread that fails, ends or does not end is told of, without what it read', async () => {
  const file = write('keys.ndjson', JSON.stringify(entry));
  for (const [code, patienceMs, wanted] of [
    ['throw new RangeError("secret")', 60_000, /^cannot be read: the thread that reads it has failed \(RangeError\)$/],
    ['process.exit(3)', 60_000, /ended without a word$/],
    ['setInterval(() => {}, 1000)', 1, /took more than 0\.001 s$/],
  ] as const) {
    const thrown = (error: unknown): boolean => error instanceof FileUnread && wanted.test(error.message);
    await assert.rejects(readOnThread({ thread: threadOf(code), patienceMs })(file, never), thrown, code);
  }
});

test('a reading that nobody waits for any more is ended', async () => {
  const ending = new AbortController();
  const reading = readOnThread({ thread: threadOf('setInterval(() => {}, 1000)') })('x', ending.signal);
  ending.abort();
  await assert.rejects(reading, FileUnread);
  await assert.rejects(readOnThread()('x', ending.signal), { name: 'AbortError' });
});
