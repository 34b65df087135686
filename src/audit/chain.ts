import { hash } from 'node:crypto';

/** A chain of events as one sink of one process gets them. */
interface Chain {
  /** Tells the chain of this sink and process from every other. */
  readonly id: string;
  /** Where the chain has come to. */
  readonly head: ChainHead;
  /** The line with its place in the chain; the next one follows on it. */
  seal(line: string): string;
  /** Takes back what was sealed since: it was never written. */
  rewind(head: ChainHead): void;
}

/** The last link of a chain. */
export interface ChainHead {
  /** How many links there are. */
  readonly sequence: number;
  /** That of the last link, in hexadecimal; zeros before the first. */
  readonly hash: string;
}

/** What a link says of itself: `chain` beside our own facts. */
export interface Link {
  readonly id: string;
  readonly sequence: number;
  readonly prev: string;
  readonly hash: string;
  /** In the first link: the key that vouches for the chain; undefined: nobody does. */
  readonly key: string | undefined;
}

/** What the first link of a chain follows on. */
export const genesisHash = '0'.repeat(64);
const genesis: ChainHead = Object.freeze({ sequence: 0, hash: genesisHash });

/**
 * Opens a chain for lines of JSON that end with our own facts, closeBraces deep. A link's hash is SHA-256 over its line as it
 * is written, without the member `hash`; as `prev`, the hash of the link before, stands in that line, each link holds all
 * before it. No canonical form is needed, for nobody has to write the line anew to check it.
 */
export function openChain(id: string, closeBraces: number, keyId?: string): Chain {
  const tail = '}'.repeat(closeBraces + 1);
  const name = JSON.stringify(id);
  const first = keyId === undefined ? '' : `,"key":${JSON.stringify(keyId)}`;
  let head = genesis;
  return {
    id,
    get head() {
      return head;
    },
    seal: (line) => {
      const sequence = head.sequence + 1;
      const facts = line.slice(0, -closeBraces);
      const comma = facts.endsWith('{') ? '' : ',';
      const key = sequence === 1 ? first : '';
      const link = `${facts}${comma}"chain":{"id":${name},"sequence":${sequence}${key},"prev":"${head.hash}"`;
      head = { sequence, hash: hash('sha256', link + tail) };
      return `${link},"hash":"${head.hash}"${tail}`;
    },
    rewind: (to) => {
      head = to;
    },
  };
}

const seal = /,"hash":"([0-9a-f]{64})"(\}{2,6})$/;

/** Whether the hash at the end of a line is the one of that line. */
export function isIntact(line: string): boolean {
  const found = seal.exec(line);
  return found !== null && found[1] === hash('sha256', line.slice(0, found.index) + found[2]);
}
