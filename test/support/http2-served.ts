import { silentLog } from '../../src/core/ports.ts';
import { defaultLimits, type Limits } from '../../src/server/h2/limits.ts';
import { openHttp2 } from '../../src/server/h2/listen.ts';
import type { Method } from '../../src/server/transport.ts';
import { callHead, dial, type WireClient } from './http2-wire.ts';

/** The one method of these servers. */
export const path = '/a.B/C';
export const endStream = 1;
export const endHeaders = 4;

/** Serves one method within limits, and dials it. */
export async function withWire(
  limits: Partial<Limits>,
  method: Method,
  use: (client: WireClient) => Promise<void>,
  greets = true,
): Promise<void> {
  const transport = openHttp2({ ...defaultLimits, ...limits });
  const listening = await transport.listen(new Map([[path, method]]), { address: '127.0.0.1:0', log: silentLog });
  const client = dial(listening.address, greets);
  try {
    await use(client);
  } finally {
    client.destroy();
    await listening.close();
  }
}

/** A method that answers at once, and one that never does. */
export const answers: Method = { kind: 'unary', handle: async () => Uint8Array.of(8, 1) };
export const never: Method = { kind: 'unary', handle: () => new Promise(() => {}) };

/** Makes a call of one message. */
export const call = (client: WireClient, stream: number, message = Buffer.alloc(5)): void => {
  client.send(1, endHeaders, stream, callHead(path));
  client.send(0, endStream, stream, message);
};
