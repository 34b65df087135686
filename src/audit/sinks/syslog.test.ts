import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { silentContext } from '../../core/build.ts';
import { systemClock } from '../../core/clock.ts';
import { lifecycleEvent } from '../system-event.ts';
import { syslog } from './syslog.ts';

test('a receiver that never closes does not hold up the end', { timeout: 10_000 }, async (context) => {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => sockets.push(socket.resume()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const open = syslog.build({ address: `127.0.0.1:${address.port}`, plain: true }, silentContext, { json: true });
  const origin = { version: '1', instanceId: 'i' };
  const opened = open({
    ...origin,
    clock: systemClock,
    stdout: process.stdout,
    otlpEndpoint: undefined,
    serviceName: 'portcullis',
  });
  assert.ok('sink' in opened);
  const stamp = { uid: 'u', sequence: 1, timeMs: 0 };
  const event = lifecycleEvent({ activity: 'start', version: 'v' }, stamp, origin);
  assert.equal(await opened.sink.write([event]), 'written');
  await opened.sink.close();
});
