import type { Incoming } from './message-reader.ts';

/** Messages of a stream that wait for whoever reads them. */
interface MessageQueue extends AsyncIterable<Uint8Array> {
  /** Bytes of the body came. */
  came(bytes: number): void;
  push(message: Incoming): void;
  /** No more will come; what is there is still given. */
  end(): void;
  /** Nobody is there any more: what waits is let go of, and reading ends, over an error where there is one. */
  stop(error?: Error): void;
}

/**
 * Opens a queue. Room for new bytes is made when a message is taken, or while somebody waits for one: so that who does not
 * read holds no more than a window, and a message that is larger than the window still comes.
 */
export function openMessageQueue(
  used: (bytes: number) => void,
  decode: (message: Incoming) => Promise<Uint8Array> | Uint8Array,
): MessageQueue {
  let waiting: Incoming[] = [];
  let queuedBytes = 0;
  let heldBytes = 0;
  let over = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;

  const makeRoom = (): void => {
    const free = heldBytes - queuedBytes;
    heldBytes = queuedBytes;
    used(free);
  };
  const changed = (): void => {
    wake?.();
    wake = undefined;
  };
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    for (;;) {
      const first = waiting.shift();
      if (first !== undefined) {
        queuedBytes -= first.wireBytes;
        makeRoom();
        return { done: false, value: await decode(first) };
      }
      if (failure !== undefined) throw failure;
      if (over) return { done: true, value: undefined };
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      makeRoom();
      await promise;
    }
  };
  return {
    came: (bytes) => {
      heldBytes += bytes;
      if (over || wake !== undefined) makeRoom();
    },
    push: (message) => {
      // What waits is copied: small as it may be, it would keep all that came with it.
      waiting.push(wake === undefined ? { ...message, bytes: new Uint8Array(message.bytes) } : message);
      queuedBytes += message.wireBytes;
      changed();
    },
    end: () => {
      over = true;
      changed();
    },
    stop: (error) => {
      waiting = [];
      queuedBytes = 0;
      over = true;
      failure = error;
      makeRoom();
      changed();
    },
    [Symbol.asyncIterator]: () => ({ next, return: async () => ({ done: true, value: undefined }) }),
  };
}
