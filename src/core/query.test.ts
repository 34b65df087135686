import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryParameters } from './query.ts';

test('parameters stand in their order, decoded once, with their names as they were sent', () => {
  assert.deepEqual(queryParameters('a=1&%61=x+y&&b&c=&=d&%2561=e=f'), [
    { raw: 'a', name: 'a', value: '1' },
    { raw: '%61', name: 'a', value: 'x y' },
    { raw: 'b', name: 'b', value: '' },
    { raw: 'c', name: 'c', value: '' },
    { raw: '', name: '', value: 'd' },
    { raw: '%2561', name: '%61', value: 'e=f' },
  ]);
  assert.deepEqual(queryParameters(''), []);
});

test('a half that cannot be decoded is undefined', () => {
  assert.deepEqual(queryParameters('%zz=1&a=%ff'), [
    { raw: '%zz', name: undefined, value: '1' },
    { raw: 'a', name: 'a', value: undefined },
  ]);
});
