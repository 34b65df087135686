import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { waitFor } from '../../envoy/condition.ts';
import { type BodyFault, openBodyReader } from './body.ts';
import { listenHttp } from './listener.ts';

type Read = Uint8Array | BodyFault | 'broken off';

/** A listener that only reads bodies, and what came of each so far. */
async function open(context: TestContext, bounds: Parameters<typeof openBodyReader>[0]) {
  const read = openBodyReader(bounds);
  const begun: string[] = [];
  const ended: Read[] = [];
  const limits = { headerBytes: 8192, timeoutMs: 10_000, connections: 64 };
  const listening = await listenHttp('127.0.0.1:0', limits, (request, response) => {
    begun.push(request.url ?? '');
    void read(request)
      .catch(() => 'broken off' as const)
      .then((body) => {
        ended.push(body);
        response.end();
      });
  });
  context.after(() => listening.close());
  const port = Number(listening.address.split(':')[1]);
  const post = (body: string): Socket => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n${body}`);
    return socket;
  };
  return { begun, ended, post };
}

test('a body that comes whole is read; one that does not is given up', async (context) => {
  const { ended, post } = await open(context, { maxBytes: 10, timeoutMs: 50, atOnce: 1 });
  post('0123456789');
  await waitFor({ what: 'it is read', holds: async () => ended.length === 1 });
  assert.deepEqual(ended, [Buffer.from('0123456789')]);
  post('01234');
  await waitFor({ what: 'it is given up', holds: async () => ended.length === 2 });
  assert.equal(ended[1], 'overdue');
});

test('so many are waited for and no more, until one ends, comes late or breaks off', async (context) => {
  const { begun, ended, post } = await open(context, { maxBytes: 10, timeoutMs: 60_000, atOnce: 2 });
  const ends = post('0');
  const breaks = post('0');
  await waitFor({ what: 'two are waited for', holds: async () => begun.length === 2 });
  post('0123456789');
  await waitFor({ what: 'the third is refused', holds: async () => ended.length === 1 });
  assert.deepEqual(ended, ['busy']);
  ends.write('123456789');
  await waitFor({ what: 'the first is read', holds: async () => ended.length === 2 });
  breaks.destroy();
  await waitFor({ what: 'the second is given up', holds: async () => ended.length === 3 });
  assert.equal(ended[2], 'broken off');
  post('0123456789');
  await waitFor({ what: 'there is room again', holds: async () => ended.length === 4 });
  assert.deepEqual(ended[3], Buffer.from('0123456789'));
});
