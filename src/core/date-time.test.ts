import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDateTimeMs } from './date-time.ts';

test('dates begin at midnight in UTC, times are RFC 3339', () => {
  assert.equal(parseDateTimeMs('2027-01-31'), Date.UTC(2027, 0, 31));
  assert.equal(parseDateTimeMs('2027-01-31T12:00:00Z'), Date.UTC(2027, 0, 31, 12));
  assert.equal(parseDateTimeMs('2027-01-31T12:00:00.5+02:00'), Date.UTC(2027, 0, 31, 10, 0, 0, 500));
  assert.equal(parseDateTimeMs('2028-02-29'), Date.UTC(2028, 1, 29));
});

test('what no calendar has is refused', () => {
  const wrong = [
    '',
    'soon',
    '2027-1-31',
    '2027-02-29',
    '2027-04-31T00:00:00Z',
    '2027-13-01',
    '2027-01-31T12:00:00',
    '2027-01-31T24:00:00Z',
    '2027-01-31T12:61:00Z',
    '2027-01-31T12:00:00+99:00',
    '31.01.2027',
    '2027-01-31 ',
  ];
  for (const text of wrong) assert.equal(parseDateTimeMs(text), undefined, text);
});
