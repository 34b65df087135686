import assert from 'node:assert/strict';
import { test } from 'node:test';
import { element, oid, utcTime } from './der.ts';

const hex = (bytes: Buffer): string => bytes.toString('hex');

test('lengths are as short as they can be', () => {
  assert.equal(hex(element(0x04)), '0400');
  assert.equal(hex(element(0x04, Buffer.alloc(127))).slice(0, 4), '047f');
  assert.equal(hex(element(0x04, Buffer.alloc(128))).slice(0, 6), '048180');
  assert.equal(hex(element(0x04, Buffer.alloc(255))).slice(0, 6), '0481ff');
  assert.equal(hex(element(0x04, Buffer.alloc(256))).slice(0, 8), '04820100');
  assert.equal(hex(element(0x04, Buffer.alloc(1000), Buffer.alloc(1))).slice(0, 8), '048203e9');
});

test('object identifiers', () => {
  assert.equal(hex(oid('2.5.29.17')), '0603551d11');
  assert.equal(hex(oid('1.2.840.10045.4.3.2')), '06082a8648ce3d040302');
});

test('times', () => {
  assert.equal(
    utcTime(Date.UTC(2026, 0, 2, 3, 4, 5, 678))
      .subarray(2)
      .toString(),
    '260102030405Z',
  );
});
