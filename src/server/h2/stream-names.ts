import { ConnectionError } from './codes.ts';

/** Which streams there have been on a connection (RFC 9113 section 5.1.1). */
export interface StreamNames {
  /** The latest that the client has opened; 0: none. */
  readonly latest: number;
  /** Takes the name of a stream whose head has come: false where it was one of those that we ended early. Throws a ConnectionError. */
  open(id: number): boolean;
  /** Throws a ConnectionError where no such stream has been opened yet. */
  mustBeKnown(id: number): void;
  /** We have ended it before the client had said all: what is on its way is not a mistake. */
  discarded(id: number): void;
  isDiscarded(id: number): boolean;
}

// As many as may be open at once: we may end all of them in one turn.
const remembered = 1024;

/** The names of a new connection. */
export function openStreamNames(): StreamNames {
  let latest = 0;
  const discards = new Set<number>();
  // Names that were passed over, first and last of each run: they are closed, and were never used.
  const skipped: (readonly [number, number])[] = [];
  return {
    get latest() {
      return latest;
    },
    open: (id) => {
      if (id % 2 === 0) throw new ConnectionError('protocolError', 'a client’s streams are odd');
      if (id > latest) {
        if (id > latest + 2) skipped.push([latest + 1, id - 1]);
        if (skipped.length > remembered) skipped.shift();
        latest = id;
        return true;
      }
      if (discards.has(id)) return false;
      const unused = skipped.some(([from, to]) => id >= from && id <= to);
      throw new ConnectionError(unused ? 'protocolError' : 'streamClosed', 'headers of a stream that is closed');
    },
    mustBeKnown: (id) => {
      if (id > latest || id % 2 === 0)
        throw new ConnectionError('protocolError', 'a frame of a stream that is not open');
    },
    discarded: (id) => {
      discards.add(id);
      if (discards.size <= remembered) return;
      for (const oldest of discards) {
        discards.delete(oldest);
        break;
      }
    },
    isDiscarded: (id) => discards.has(id),
  };
}
