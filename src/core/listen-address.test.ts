import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatListenAddress, parseListenAddress } from './listen-address.ts';

for (const [text, address] of [
  ['127.0.0.1:9191', { kind: 'tcp', host: '127.0.0.1', port: 9191 }],
  ['localhost:0', { kind: 'tcp', host: 'localhost', port: 0 }],
  ['my_host.example:65535', { kind: 'tcp', host: 'my_host.example', port: 65_535 }],
  ['[::1]:80', { kind: 'tcp', host: '::1', port: 80 }],
  ['[::]:80', { kind: 'tcp', host: '::', port: 80 }],
  ['unix:/run/p.sock', { kind: 'unix', path: '/run/p.sock' }],
] as const) {
  test(`${text} is an address`, () => {
    assert.deepEqual(parseListenAddress(text), address);
    assert.equal(formatListenAddress(address), text);
  });
}

test('the URI form of a socket is the same socket', () => {
  assert.deepEqual(parseListenAddress('unix:///run/p.sock'), { kind: 'unix', path: '/run/p.sock' });
});

for (const text of [
  '',
  '9191',
  ':9191',
  'localhost',
  'localhost:',
  'localhost:65536',
  'localhost:-1',
  'localhost:1 ',
  'a b:1',
  '::1:80',
  '[localhost]:80',
  '[1.2.3.4]:80',
  'http://localhost:80',
  'unix:run/p.sock',
  'unix:',
  'unix:/a\0b',
  `unix:/${'a'.repeat(107)}`,
]) {
  test(`${JSON.stringify(text)} is no address`, () => {
    assert.equal(parseListenAddress(text), undefined);
  });
}

test('a longest path fits', () => {
  assert.notEqual(parseListenAddress(`unix:/${'a'.repeat(106)}`), undefined);
});
