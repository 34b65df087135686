import { readBinary } from './binary.ts';
import { excessive } from './collector.ts';
import type { BodyFormat, ContentLimits, Format, ReadContent, ReadFormat } from './content.ts';
import { readForm } from './form.ts';
import { readGraphql } from './graphql.ts';
import { readGrpc } from './grpc.ts';
import { readJson } from './json.ts';
import { readMultipart } from './multipart.ts';
import { readNdjson } from './ndjson.ts';
import { readText } from './text.ts';
import { readXml } from './xml.ts';

export { formatOf } from './format.ts';
export { requestFields } from './request-fields.ts';

/** Every format and how it is read. */
export const formats = Object.freeze({
  json: readJson,
  ndjson: readNdjson,
  form: readForm,
  multipart: readMultipart,
  xml: readXml,
  graphql: readGraphql,
  grpc: readGrpc,
  text: readText,
  binary: readBinary,
} as const satisfies Record<Format, ReadFormat>);

/** Reads a body strictly in its format, every text of it once; or says why it cannot be read. Never throws. */
export const readContent = (body: BodyFormat, bytes: Uint8Array, limits: ContentLimits): ReadContent =>
  bytes.length > limits.maxBytes ? excessive('too_large') : formats[body.format](bytes, limits, body);
