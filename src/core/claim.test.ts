import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimReader } from './claim.ts';

const read = (name: string, json: string) => claimReader(name)(JSON.parse(json));

test('a claim of that very name comes before a path', () => {
  assert.equal(read('tenant', '{"tenant":"acme"}'), 'acme');
  assert.deepEqual(read('realm.roles', '{"realm":{"roles":["a"]}}'), ['a']);
  assert.equal(read('realm.roles', '{"realm.roles":1,"realm":{"roles":2}}'), 1);
  assert.equal(read('realm.roles', '{"realm.roles":null,"realm":{"roles":2}}'), null);
  assert.equal(read('https://example.com/group', '{"https://example.com/group":"x"}'), 'x');
});

test('what is not there is undefined', () => {
  for (const json of ['{}', '{"a":"text"}', '{"a":["x"]}', '{"a":null}', '{"a":{"b":{}}}']) {
    for (const name of [
      'x',
      'a.length',
      'a.0',
      'a.b.c',
      'toString',
      '__proto__',
      'constructor.name',
      'a.toString',
      '',
    ]) {
      assert.equal(read(name, json), undefined, `${name} ${json}`);
    }
  }
});

test('a claim may have the name of something that objects inherit', () => {
  assert.equal(read('__proto__', '{"__proto__":"x"}'), 'x');
  assert.equal(read('toString.valueOf', '{"toString":{"valueOf":1}}'), 1);
});

test('names on the way may hold dots themselves', () => {
  const kubernetes = '{"kubernetes.io":{"namespace":"shop","pod":{"name":"a-1"}},"kubernetes":{"io":{"node":"n1"}}}';
  assert.equal(read('kubernetes.io.namespace', kubernetes), 'shop');
  assert.equal(read('kubernetes.io.pod.name', kubernetes), 'a-1');
  assert.equal(read('kubernetes.io.node', kubernetes), 'n1');
  assert.equal(read('kubernetes.io.absent', kubernetes), undefined);
});
