import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

/** A request whose body is sent in pieces. */
export interface PiecemealRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request on a connection of its own, each piece in a turn of its own; gives the head of the answer, whose body is read by whoever asks. */
export async function sendPiecemeal(
  port: number,
  wanted: PiecemealRequest,
  pieces: readonly (string | Buffer)[],
): Promise<IncomingMessage> {
  const sent = request({ host: '127.0.0.1', port, agent: false, timeout: 30_000, ...wanted });
  const answered = once(sent, 'response');
  for (const piece of pieces) {
    if (!sent.write(piece)) await once(sent, 'drain');
    await new Promise(setImmediate);
  }
  sent.end();
  const [response] = await answered;
  return response;
}
