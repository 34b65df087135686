import type { Writable } from 'node:stream';

/**
 * What writes whole lines to a stream that others write to as well, like standard output. Resolves with closed when nobody
 * reads the stream any more (EPIPE): the process lives on. The ear for its errors stays, and the stream stays open.
 */
export function openStream(stream: Writable): (lines: string | Uint8Array) => Promise<'written' | 'closed'> {
  // Without a listener a broken pipe would end the process; the write's own callback tells us as well.
  if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore);
  return (lines) =>
    new Promise((resolve) => {
      stream.write(lines, (error) => resolve(error ? 'closed' : 'written'));
    });
}

const ignore = (): void => {};
