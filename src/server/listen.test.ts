import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { ListenError, listenAt } from './listen.ts';

test('what is no address is refused', async () => {
  for (const text of ['9191', 'unix:', 'http://localhost:80']) {
    await assert.rejects(listenAt(createServer(), text), ListenError);
  }
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
