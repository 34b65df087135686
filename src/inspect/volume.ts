import type { BodyProcessor, CountVolume, Processing, ProcessMessage, Volume } from '../core/processing.ts';
import type { Subject } from '../core/subject.ts';
import { inTurn } from './in-turn.ts';

/** Counts records as bytes pass. */
interface RecordCounter {
  take(bytes: Uint8Array): void;
  count(): number;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const newline = 0x0a;
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Items of the list at the top, or of the lists that are members of the object at the top. */
function jsonItems(): RecordCounter {
  let depth = 0;
  /** How deep the list is whose items count; 0: in none. */
  let list = 0;
  let inString = false;
  let escaped = false;
  /** The next byte that is no blank begins an item. */
  let fresh = false;
  let items = 0;
  let topIsObject = false;
  const step = (byte: number): void => {
    if (fresh && byte !== closeList) items += 1;
    fresh = false;
    if (byte === quote) inString = true;
    else if (byte === openList || byte === openObject) {
      depth += 1;
      if (depth === 1) topIsObject = byte === openObject;
      const outermost = depth === 1 || (depth === 2 && topIsObject);
      if (byte === openList && list === 0 && outermost) {
        list = depth;
        fresh = true;
      }
    } else if (byte === closeList || byte === closeObject) {
      if (depth === list) list = 0;
      depth -= 1;
    } else if (byte === comma && depth === list && list > 0) fresh = true;
  };
  return {
    take: (bytes) => {
      for (const byte of bytes) {
        if (inString) {
          if (escaped) escaped = false;
          else if (byte === backslash) escaped = true;
          else if (byte === quote) inString = false;
        } else if (!isBlank(byte)) step(byte);
      }
    },
    count: () => items,
  };
}

/** Lines that hold something. */
function lines(): RecordCounter {
  let count = 0;
  let begun = false;
  return {
    take: (bytes) => {
      for (const byte of bytes) {
        if (byte === newline) begun = false;
        else if (!begun && !isBlank(byte)) {
          begun = true;
          count += 1;
        }
      }
    },
    count: () => count,
  };
}

const nothing: RecordCounter = Object.freeze({ take: () => {}, count: () => 0 });

function recordsOf(contentType: string): RecordCounter {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (/^application\/(?:x-ndjson|ndjson|jsonl|x-jsonlines|jsonlines)$|^text\/csv$/.test(type)) return lines();
  return /^application\/(?:.+\+)?json$/.test(type) ? jsonItems() : nothing;
}

/**
 * Counts while the body passes, one count at a time, each of what has come since: who hangs up has taken what went out so
 * far. The last piece waits for the count, so that the next request finds it.
 */
function counting(subject: Subject, contentType: string, done: CountVolume): BodyProcessor {
  const records = recordsOf(contentType);
  let bytes = 0;
  let counted: Volume = { bytes: 0, records: 0 };
  let under: Promise<void> | undefined;
  const countOn = async (): Promise<void> => {
    while (counted.bytes < bytes) {
      const since: Volume = { bytes: bytes - counted.bytes, records: records.count() - counted.records };
      counted = { bytes, records: records.count() };
      await done(subject, since);
    }
    under = undefined;
  };
  return {
    push: async (piece, last) => {
      bytes += piece.length;
      records.take(piece);
      under ??= countOn();
      if (last) await under;
      return { kind: 'forward', bytes: piece };
    },
    detail: () => ({}),
  };
}

/** What a rule does with messages, and a count of what its responses give away besides. */
export function measured(processing: Processing, done: CountVolume | undefined): Processing {
  if (done === undefined) return processing;
  const measure: ProcessMessage = ({ headers, endOfStream }, subject) => {
    const head = { set: [], remove: [] };
    if (endOfStream || subject.request.method === 'HEAD') return { kind: 'skip', head, detail: {} };
    return {
      kind: 'read',
      how: 'stream',
      head,
      mayChange: false,
      maxBytes: Number.POSITIVE_INFINITY,
      tooLarge: undefined,
      body: counting(subject, headers.get('content-type')?.[0] ?? '', done),
    };
  };
  return { request: processing.request, response: inTurn(processing.response, measure) };
}
