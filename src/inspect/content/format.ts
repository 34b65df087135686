import type { BodyFormat, Format } from './content.ts';
import { type MediaType, parseMediaType } from './media-type.ts';

const formats: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['application/json', 'json'],
  ['text/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
  ['application/x-jsonlines', 'ndjson'],
  ['application/jsonlines', 'ndjson'],
  ['application/x-www-form-urlencoded', 'form'],
  ['multipart/form-data', 'multipart'],
  ['application/xml', 'xml'],
  ['text/xml', 'xml'],
  ['application/graphql', 'graphql'],
  ['application/grpc', 'grpc'],
  ['application/grpc+proto', 'grpc'],
  ['application/grpc-web', 'grpc'],
  ['application/grpc-web+proto', 'grpc'],
  ['application/grpc-web-text', 'grpc'],
  ['application/grpc-web-text+proto', 'grpc'],
  ['application/javascript', 'text'],
  ['application/yaml', 'text'],
  ['application/x-yaml', 'text'],
]);

const suffixes: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['json', 'json'],
  ['xml', 'xml'],
  ['yaml', 'text'],
]);

const formatOfType = (type: string): Format =>
  formats.get(type) ??
  suffixes.get(type.slice(type.lastIndexOf('+') + 1)) ??
  (type.startsWith('text/') ? 'text' : 'binary');

// RFC 2046 section 5.1.1: at most 70 characters, and no blank at the end.
const legalBoundary = /^[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]$/;

function boundaryOf({ parameters }: MediaType): string | undefined {
  const boundaries = parameters.filter(([name]) => name === 'boundary' || name.startsWith('boundary*'));
  const [name, boundary] = boundaries[0] ?? [];
  return boundaries.length === 1 && name === 'boundary' && legalBoundary.test(boundary ?? '') ? boundary : undefined;
}

/**
 * How a body of this Content-Type is read. Undefined where that cannot be said for sure: the header is not well formed, its
 * charset is not UTF-8, or the boundary of multipart/form-data is missing, stands twice or has illegal characters. A type
 * that is not known is binary.
 */
export function formatOf(contentType: string): BodyFormat | undefined {
  const media = parseMediaType(contentType);
  if (media === undefined) return undefined;
  const format = formatOfType(media.type);
  if (format !== 'multipart') return { format, mediaType: media.type, boundary: undefined };
  const boundary = boundaryOf(media);
  return boundary === undefined ? undefined : { format, mediaType: media.type, boundary };
}
