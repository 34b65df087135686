import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundedDetail, short, shortOrNone, userAgent } from './redact.ts';

test('names are short and visible; nothing is no name', () => {
  assert.equal(short('a\u202eb'), 'a\\u{202e}b');
  assert.equal(short('x'.repeat(300)), `${'x'.repeat(256)}…`);
  assert.equal(shortOrNone(''), undefined);
  assert.equal(shortOrNone(undefined), undefined);
  assert.equal(userAgent(undefined), undefined);
  assert.equal(userAgent(new Map([['user-agent', ['curl/8', 'other']]])), 'curl/8');
});

test('a detail is bounded in members, lists and lengths', () => {
  assert.equal(boundedDetail({}), undefined);
  const many = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`n${index}`, index]));
  assert.equal(Object.keys(boundedDetail(many) ?? {}).length, 64);
  const lists = boundedDetail({ list: Array.from({ length: 20 }, () => 'y'.repeat(300)), flag: true, text: 'z' });
  assert.deepEqual(lists?.['list'], Array(16).fill(`${'y'.repeat(256)}…`));
  assert.deepEqual({ ...lists, list: undefined }, { list: undefined, flag: true, text: 'z' });
});
