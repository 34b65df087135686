import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PublicReason, type ReasonEntry, reasonCodes, reasons } from './reason.ts';

const statuses: Readonly<Record<PublicReason, readonly number[]>> = {
  unauthenticated: [401],
  forbidden: [403],
  limited: [429],
  invalid_request: [400, 413, 415, 422],
  unavailable: [502, 503],
};
const table: readonly (readonly [string, ReasonEntry])[] = Object.entries(reasons);

test('every code has a public reason that fits its status', () => {
  for (const [code, entry] of table) assert.ok(statuses[entry.public].includes(entry.status), code);
});

test('a failure of ours is always 503, and what is wrong with a response 502', () => {
  const failures = table.filter(([, { kind }]) => kind === 'fail');
  assert.ok(failures.length > 0);
  for (const [code, { status }] of failures) assert.equal(status, code.startsWith('response_') ? 502 : 503, code);
});

test('codes are words with underscores, titles are sentences', () => {
  assert.deepEqual(
    reasonCodes,
    table.map(([code]) => code),
  );
  for (const [code, { title }] of table) {
    assert.match(code, /^[a-z]+(_[a-z]+)*$/);
    assert.match(title, /^[A-Z].*\.$/, code);
  }
});

test('the table cannot be changed', () => {
  assert.ok(Object.isFrozen(reasons) && Object.isFrozen(reasonCodes));
  for (const [code, entry] of table) assert.ok(Object.isFrozen(entry), code);
});
