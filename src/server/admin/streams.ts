import type { Timers } from '../../core/timers.ts';
import type { EventStream } from '../http/event-stream.ts';

/** Sends what there is to a reader, again and again until it ends; the result is called then. */
export type Telling = (stream: EventStream) => () => void;

/** The streams that administrators look at. */
export interface Streams {
  /** Whether there is room for one more. */
  hasRoom(): boolean;
  /** Begins to tell; it ends when the reader goes, when the token is another one than then, and when close is called. */
  begin(stream: EventStream, tell: Telling): void;
  /** Ends all. */
  close(): void;
}

const most = 16;
const lookMs = 1000;

/** Opens the register of streams; token is the one that administrators prove themselves by now. */
export function openStreams(token: () => string | undefined, timers: Timers): Streams {
  const open = new Map<EventStream, string | undefined>();
  let look: (() => void) | undefined;
  const lookAgain = (): void => {
    look = undefined;
    for (const [stream, proof] of open) if (proof !== token()) stream.end('token_changed');
    if (open.size > 0) look = timers.after(lookMs, lookAgain);
  };
  return {
    hasRoom: () => open.size < most,
    begin: (stream, tell) => {
      open.set(stream, token());
      const stop = tell(stream);
      look ??= timers.after(lookMs, lookAgain);
      stream.onEnd(() => {
        open.delete(stream);
        stop();
      });
    },
    close: () => {
      for (const stream of open.keys()) stream.end('shutdown');
      look?.();
      look = undefined;
    },
  };
}
