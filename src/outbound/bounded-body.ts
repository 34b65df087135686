import type { ReadableStream } from 'node:stream/web';
import { OutboundError } from './outbound-error.ts';

/** The body, which breaks off with an OutboundError as soon as it is longer; what it came from is cancelled. */
export function boundedBody(body: ReadableStream<Uint8Array>, maxBytes: number): ReadableStream<Uint8Array> {
  let length = 0;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      length += chunk.byteLength;
      if (length > maxBytes) controller.error(new OutboundError(`more than ${maxBytes} bytes`));
      else controller.enqueue(chunk);
    },
  });
  return body.pipeThrough(count);
}
