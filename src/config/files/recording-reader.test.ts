import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reader } from './reader.ts';
import { recordReads } from './recording-reader.ts';

/** A file system in a map: a directory is a path that others begin with. */
function readerOf(files: Map<string, string>): Reader {
  return {
    read: (file) => {
      const text = files.get(file);
      if (text === undefined) throw new Error(`no ${file}`);
      return Buffer.from(text);
    },
    list: (directory) => [...files.keys()].filter((name) => name.startsWith(`${directory}/`)),
  };
}

test('what is read passes through, and reads the same until it changes', async () => {
  const files = new Map([
    ['/a', 'one'],
    ['/d/x', ''],
  ]);
  const reader = recordReads(readerOf(files));
  assert.equal(await reader.unchanged(), true);
  assert.equal(Buffer.from(reader.read('/a')).toString(), 'one');
  assert.deepEqual(reader.list('/d'), ['/d/x']);
  files.set('/other', 'nobody looked');
  assert.equal(await reader.unchanged(), true);
  files.set('/a', 'two');
  assert.equal(await reader.unchanged(), false);
  files.set('/a', 'one').set('/d/y', '');
  assert.equal(await reader.unchanged(), false);
});

test('a file that could not be read is told as it was, and one that comes or goes is a change', async () => {
  const files = new Map([['/a', 'one']]);
  const reader = recordReads(readerOf(files));
  reader.read('/a');
  assert.throws(() => reader.read('/b'), { message: 'no /b' });
  assert.equal(await reader.unchanged(), true);
  files.set('/b', '');
  assert.equal(await reader.unchanged(), false);
  files.clear();
  assert.equal(await reader.unchanged(), false);
});
