import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { type Duplex, duplexPair } from 'node:stream';
import { test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { silentLog } from '../../src/core/ports.ts';
import { Connection } from '../../src/server/h2/connection.ts';
import { openCalls } from '../../src/server/h2/grpc/calls.ts';
import { defaultLimits } from '../../src/server/h2/limits.ts';
import type { Method } from '../../src/server/transport.ts';
import { transports } from '../../src/server/transports/index.ts';
import { type GoTool, goMissing, goTool } from '../support/go-tool.ts';
import { callHead, frameBytes } from '../support/http2-wire.ts';

const run = promisify(execFile);
const h2spec: GoTool = {
  name: 'h2spec',
  module: 'github.com/summerwind/h2spec/cmd/h2spec',
  version: 'v2.2.1+incompatible',
};
const missing = await goMissing();
const path = '/a.B/C';
const echo: Method = { kind: 'unary', handle: async (message) => message };

test('h2spec finds nothing against RFC 9113 and RFC 7541, in its strict mode', { skip: missing ?? false }, async () => {
  const judge = await goTool(h2spec);
  const listening = await transports.http2.listen(new Map([[path, echo]]), { address: '127.0.0.1:0', log: silentLog });
  try {
    const port = listening.address.split(':')[1] ?? '';
    const { stdout } = await run(judge, ['-h', '127.0.0.1', '-p', port, '-o', '5', '--strict'], { timeout: 300_000 });
    assert.match(stdout, /146 tests, 146 passed, 0 skipped, 0 failed/);
  } finally {
    await listening.close();
  }
});

const anyFrame = fc.oneof(
  fc.tuple(fc.nat(12), fc.nat(63), fc.nat(9), fc.uint8Array({ maxLength: 40 })),
  fc.tuple(
    fc.constant(1),
    fc.constantFrom(4, 5),
    fc.constantFrom(1, 3, 5, 7),
    fc.constant(new Uint8Array(callHead(path))),
  ),
  fc.tuple(
    fc.constant(0),
    fc.constantFrom(0, 1),
    fc.constantFrom(1, 3, 5, 7),
    fc.constantFrom(new Uint8Array(5), new Uint8Array(9)),
  ),
  fc.tuple(fc.constant(8), fc.constant(0), fc.constantFrom(0, 1, 3), fc.constant(Uint8Array.of(0, 0, 1, 0))),
);
const greeting = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frameBytes(4, 0, 0)]);

/** Serves one end of a pair, and gives the other. */
function served(onClosed: () => void): Duplex {
  const [ours, theirs] = duplexPair();
  const draining = new AbortController().signal;
  const onRequest = openCalls(new Map([[path, echo]]), { maxMessageBytes: 1024, log: silentLog, draining });
  new Connection(ours, {
    limits: defaultLimits,
    nowMs: () => performance.now(),
    onRequest,
    onClosed,
    onBroken: (code, why) => assert.notEqual(code, 'internalError', why),
  });
  return theirs;
}

test('whatever frames come, the connection answers a good call or says farewell', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyFrame, { maxLength: 12 }), async (frames) => {
      const { promise: closed, resolve: onClosed } = Promise.withResolvers<string>();
      const client = served(() => onClosed('closed'));
      const { promise: answered, resolve: onAnswer } = Promise.withResolvers<string>();
      let said = Buffer.alloc(0);
      client.on('error', () => {});
      client.on('data', (bytes: Buffer) => {
        said = Buffer.concat([said, bytes]);
        if (said.includes(frameBytes(6, 1, 0, Buffer.from('lastping')))) onAnswer('answered');
      });
      client.once('end', () => onAnswer('ended'));
      const bytes = Buffer.concat(
        frames.map(([type, flag, stream, payload]) => frameBytes(type, flag, stream, payload)),
      );
      client.write(Buffer.concat([greeting, bytes, frameBytes(6, 0, 0, Buffer.from('lastping'))]));
      await Promise.race([closed, answered]);
      client.destroy();
    }),
    { numRuns: 2000 },
  );
});
