import { Buffer } from 'node:buffer';
import { collect, excessive, malformed } from './collector.ts';
import type { ReadFormat } from './content.ts';
import { textsOfMessage } from './protobuf.ts';

const headBytes = 5;
const base64Pieces = /[A-Za-z0-9+/]+={0,2}/g;

/** The bytes of gRPC-Web's text form: pieces of Base64, each padded by itself; undefined where something else stands between them. */
function fromText(body: Buffer): Buffer | undefined {
  const text = body.toString('latin1');
  const pieces = text.match(base64Pieces) ?? [];
  if (pieces.join('').length !== text.length || pieces.some(({ length }) => length % 4 !== 0)) return undefined;
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64')));
}

/**
 * The messages of a gRPC call, also as gRPC-Web sends them (PROTOCOL-HTTP2, PROTOCOL-WEB): frames that are whole and not
 * compressed, in each a message of Protocol Buffers. Its texts are named by the numbers of their fields; what stands in the
 * same field of several messages stands there as if it were repeated.
 */
export const readGrpc: ReadFormat = (bytes, limits, { mediaType }) => {
  const sent = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const body = mediaType.startsWith('application/grpc-web-text') ? fromText(sent) : sent;
  if (body === undefined) return malformed('base64');
  const into = collect(limits);
  for (let at = 0, frames = 0; at < body.length; frames += 1) {
    if (frames >= limits.maxFields) return excessive('too_many_messages');
    if (body.length - at < headBytes) return malformed('frame');
    const [flags, length] = [body[at], body.readUInt32BE(at + 1)];
    if (flags === 1) return malformed('compressed');
    if (flags !== 0 || length > body.length - at - headBytes) return malformed('frame');
    at += headBytes;
    const bounds = { depth: limits.maxDepth, texts: limits.maxFields };
    const texts = textsOfMessage(body.subarray(at, at + length), '', bounds);
    if (texts === undefined) return malformed('message');
    if (!texts.every(({ pointer, text }) => into.add('value', pointer, text))) return excessive('too_many_fields');
    at += length;
  }
  return { ok: true, content: { format: 'grpc', value: undefined, fields: into.fields } };
};
