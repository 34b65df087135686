import { writeInteger } from './hpack/integer.ts';

/** Writes our header blocks on one connection (RFC 7541). */
export interface HeaderEncoder {
  /** The head of an answer with messages: status 200 and the content type of gRPC. */
  answer(): Uint8Array;
  /** The trailers of a call that went well. */
  done(): Uint8Array;
  /** Any other fields. */
  fields(fields: readonly Header[]): Uint8Array;
  /** The other side's table has this size now. */
  resize(size: number): void;
}

/** A name in lower case and a value of latin1. */
type Header = readonly [name: string, value: string];

const status200 = 0x88;
const contentTypeIndex = 31;
const contentType = 'application/grpc';
const firstDynamic = 62;
// Both fields that we let the other side remember, and a margin.
const tableBytes = 128;

const text = (value: string): Buffer => Buffer.concat([integer(0, 7, value.length), Buffer.from(value, 'latin1')]);

function integer(first: number, prefixBits: number, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(6);
  return bytes.subarray(0, writeInteger(bytes, 0, first, prefixBits, value));
}

const statuses: Readonly<Record<string, number>> = Object.freeze({ '200': status200, '400': 0x8c, '404': 0x8d });

/** A field that the other side does not remember. */
const literal = ([name, value]: Header): Buffer => {
  const known = name === ':status' ? statuses[value] : undefined;
  if (known !== undefined) return Buffer.of(known);
  if (name === ':status') return Buffer.concat([integer(0, 4, 8), text(value)]);
  return Buffer.concat([Buffer.of(0), text(name), text(value)]);
};

const answerLiteral = Buffer.concat([Buffer.of(status200), integer(0, 4, contentTypeIndex), text(contentType)]);
const answerRemembered = Buffer.concat([Buffer.of(status200), integer(0x40, 6, contentTypeIndex), text(contentType)]);
const doneLiteral = literal(['grpc-status', '0']);
const doneRemembered = Buffer.concat([Buffer.of(0x40), text('grpc-status'), text('0')]);
const answerAt = (index: number): Buffer => Buffer.of(status200, 0x80 | index);
const doneAt = (index: number): Buffer => Buffer.of(0x80 | index);

/** Opens an encoder that lets the other side remember what every good answer says, and nothing else. */
export function openHeaderEncoder(): HeaderEncoder {
  // The content type is remembered first, then the status: a third field never moves them on.
  let answer: Uint8Array = answerRemembered;
  let done: Uint8Array = doneRemembered;
  let resized: Uint8Array | undefined;
  let remembers = true;

  const withResize = (block: Uint8Array): Uint8Array => {
    if (resized === undefined) return block;
    const whole = Buffer.concat([resized, block]);
    resized = undefined;
    return whole;
  };
  return {
    answer: () => {
      const block = answer;
      if (block === answerRemembered) answer = answerAt(firstDynamic);
      return withResize(block);
    },
    done: () => {
      const block = done;
      if (block === doneRemembered) {
        done = doneAt(firstDynamic);
        answer = answerAt(firstDynamic + 1);
      }
      return withResize(block);
    },
    fields: (fields) => withResize(Buffer.concat(fields.map(literal))),
    resize: (size) => {
      // Once nothing is remembered, nothing has to be told any more.
      if (!remembers) return;
      if (size >= tableBytes) {
        // We need no more than this, and it is less than any size that was said on the way to this one.
        resized = integer(0x20, 5, tableBytes);
        return;
      }
      remembers = false;
      resized = integer(0x20, 5, 0);
      answer = answerLiteral;
      done = doneLiteral;
    },
  };
}
