import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryParameters } from './query.ts';

test('parameters stand in their order, decoded once, with their names as they were sent', () => {
  assert.deepEqual(queryParameters('a=1&%61=x+y&&b&c=&=d&%2561=e=f'), [
    { raw: 'a', rawValue: '1', name: 'a', value: '1' },
    { raw: '%61', rawValue: 'x+y', name: 'a', value: 'x y' },
    { raw: 'b', rawValue: '', name: 'b', value: '' },
    { raw: 'c', rawValue: '', name: 'c', value: '' },
    { raw: '', rawValue: 'd', name: '', value: 'd' },
    { raw: '%2561', rawValue: 'e=f', name: '%61', value: 'e=f' },
  ]);
  assert.deepEqual(queryParameters(''), []);
});

test('a half that cannot be decoded is undefined', () => {
  assert.deepEqual(queryParameters('%zz=1&a=%ff'), [
    { raw: '%zz', rawValue: '1', name: undefined, value: '1' },
    { raw: 'a', rawValue: '%ff', name: 'a', value: undefined },
  ]);
});
