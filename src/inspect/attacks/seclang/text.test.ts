import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordIssues } from '../../../../test/support/recording-context.ts';
import { readLines, splitActions, splitWords } from './text.ts';

function linesOf(text: string): readonly (readonly [number, string])[] {
  const { context } = recordIssues({ 'a.conf': text });
  const file = context.file('a.conf');
  assert.ok(file !== undefined);
  return readLines(file).map(({ line, text: joined }) => [line, joined] as const);
}

test('lines that end with a backslash go on, and the first of them is the place', () => {
  const text = '# a comment\n\nSecRule A \\\n    "@rx b" \\\r\n    "id:1"\nSecMarker END\n';
  assert.deepEqual(linesOf(text), [
    [3, 'SecRule A "@rx b" "id:1"'],
    [6, 'SecMarker END'],
  ]);
});

test('a backslash at the end of the file is an issue', () => {
  const { context, issues } = recordIssues({ 'a.conf': 'SecMarker A\nSecRule \\\n' });
  const file = context.file('a.conf');
  assert.ok(file !== undefined);
  readLines(file);
  assert.deepEqual(issues, ['a.conf:2 the directive ends with a backslash, but no line follows']);
});

test('words stand in quotation marks or between spaces; only an escaped quotation mark is unescaped', () => {
  assert.deepEqual(splitWords(String.raw`SecRule  ARGS "@rx [\"'\\\d]" 'id:1'`), [
    'SecRule',
    'ARGS',
    String.raw`@rx ["'\\\d]`,
    'id:1',
  ]);
  assert.equal(splitWords('SecRule "ARGS'), undefined);
  assert.equal(splitWords('SecRule "ARGS"x'), undefined);
  assert.deepEqual(splitWords('  '), []);
});

test('actions are names with values, in quotation marks where a comma is in one', () => {
  assert.deepEqual(splitActions(String.raw`id:1, phase:2,deny,  msg:'a, \'b\': c',setvar:tx.a=b , T:none,`), [
    { name: 'id', value: '1' },
    { name: 'phase', value: '2' },
    { name: 'deny', value: '' },
    { name: 'msg', value: "a, 'b': c" },
    { name: 'setvar', value: 'tx.a=b' },
    { name: 't', value: 'none' },
  ]);
  assert.deepEqual(splitActions(''), []);
  assert.equal(splitActions("msg:'a"), undefined);
  assert.equal(splitActions("msg:'a'b"), undefined);
});
