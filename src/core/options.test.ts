import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Path, silentContext } from './build.ts';
import { openReader, readChoice } from './options.ts';

function openWith(value: unknown) {
  const issues: string[] = [];
  const report = (path: Path, message: string): void => void issues.push(`${path.join('.')}: ${message}`);
  return { reader: openReader(value, report), context: { ...silentContext, issue: report }, issues };
}

test('members that are wrong are issues, and read as their fallbacks', () => {
  const { reader, issues } = openWith({ wait: '9h', size: 5, count: 1.5, list: [1], word: '', on: 'yes' });
  assert.equal(reader.durationMs('wait', '2s', { minMs: 1, maxMs: 5000 }), 2000);
  assert.equal(reader.bytes('size', '1KiB', { min: 1, max: 4096 }), 1024);
  assert.equal(reader.integer('count', 3, { min: 1, max: 9 }), 3);
  assert.deepEqual(reader.texts('list', ['a']), ['a']);
  assert.equal(reader.text('word', 'b'), 'b');
  assert.equal(reader.flag('on', false), false);
  assert.deepEqual(issues, [
    'wait: must be a duration from 1ms to 5000ms, like "2s"',
    'size: must be a size from 1 to 4096 bytes, like "1KiB"',
    'count: must be a whole number from 1 to 9',
    'list: must be a list of texts',
    'word: must be a text',
    'on: must be true or false',
  ]);
});

test('what is no object is an issue, and has no members', () => {
  const { reader, issues } = openWith('text');
  assert.equal(reader.has('wait'), false);
  // A fallback that is none is a slip of ours, and waits for nothing.
  assert.deepEqual(
    [reader.durationMs('wait', '', { minMs: 0, maxMs: 1 }), reader.bytes('size', '', { min: 0, max: 1 })],
    [0, 0],
  );
  assert.deepEqual(issues, [': must be an object']);
});

test('a choice is one of its words, the first where nothing is said', () => {
  const { reader, context, issues } = openWith({ mode: 'soft', other: 'hard' });
  const choices = ['easy', 'hard'] as const;
  assert.deepEqual(
    ['mode', 'other', 'none'].map((name) => readChoice(reader, context, name, choices)),
    ['easy', 'hard', 'easy'],
  );
  assert.deepEqual(issues, ['mode: must be one of easy, hard']);
});
