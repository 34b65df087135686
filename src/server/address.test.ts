import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { formatAddress, ListenError, listenAt, parseAddress } from './address.ts';

for (const [text, address] of [
  ['127.0.0.1:9191', { kind: 'tcp', host: '127.0.0.1', port: 9191 }],
  ['localhost:0', { kind: 'tcp', host: 'localhost', port: 0 }],
  ['my_host.example:65535', { kind: 'tcp', host: 'my_host.example', port: 65_535 }],
  ['[::1]:80', { kind: 'tcp', host: '::1', port: 80 }],
  ['[::]:80', { kind: 'tcp', host: '::', port: 80 }],
  ['unix:/run/p.sock', { kind: 'unix', path: '/run/p.sock' }],
] as const) {
  test(`${text} is an address`, () => {
    assert.deepEqual(parseAddress(text), address);
    assert.equal(formatAddress(address), text);
  });
}

test('the URI form of a socket is the same socket', () => {
  assert.deepEqual(parseAddress('unix:///run/p.sock'), { kind: 'unix', path: '/run/p.sock' });
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
  test(`${JSON.stringify(text)} is no address`, async () => {
    assert.equal(parseAddress(text), undefined);
    await assert.rejects(listenAt(createServer(), text), ListenError);
  });
}

test('a longest path fits', () => {
  assert.notEqual(parseAddress(`unix:/${'a'.repeat(106)}`), undefined);
});

test('a name of no machine and an address of another one are clear errors', async () => {
  await assert.rejects(listenAt(createServer(), '192.0.2.1:0'), {
    message: 'cannot listen on 192.0.2.1:0: the host is no address of this machine',
  });
  await assert.rejects(listenAt(createServer(), 'no-such-host.invalid:0'), /the host is unknown|EAI_AGAIN/);
});

test('a server that was told to listen twice is told so', async () => {
  const server = createServer();
  try {
    const address = await listenAt(server, '127.0.0.1:0');
    assert.match(address, /^127\.0\.0\.1:[1-9]/);
    await assert.rejects(
      listenAt(server, '127.0.0.1:0'),
      /cannot listen on 127\.0\.0\.1:0: .*ERR_SERVER_ALREADY_LISTEN/,
    );
  } finally {
    await once(server.close(), 'close');
  }
});
