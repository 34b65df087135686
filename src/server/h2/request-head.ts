import type { Field } from './hpack/field.ts';

/** The head of a request (RFC 9113 section 8.3.1), or what is wrong with it. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  /** Names and values of the other fields, in turn. */
  readonly fields: readonly string[];
  /** What the content-length says; undefined: there is none. */
  readonly contentLength: number | undefined;
  /** Fields were left out, because they were too many. */
  readonly excessive: boolean;
}

/** Collects the fields of one header block. */
export interface HeadReader {
  take(field: Field): void;
  /** The head of a request; undefined: it is malformed. */
  request(): RequestHead | undefined;
  /** Whether they may be trailers. */
  isTrailers(): boolean;
}

/** Opens a reader that keeps fields of so many bytes, and the pseudo-header fields in any case. */
export function openHeadReader(headerListBytes: number): HeadReader {
  const pseudo: Record<'method' | 'scheme' | 'authority' | 'path', string | undefined> = {
    method: undefined,
    scheme: undefined,
    authority: undefined,
    path: undefined,
  };
  const fields: string[] = [];
  let contentLength: number | undefined;
  let bytes = 0;
  let malformed = false;
  let hasPseudo = false;
  let hasRegular = false;

  const keep = ({ name, value }: Field): void => {
    hasRegular = true;
    if (bytes <= headerListBytes) fields.push(name, value);
  };
  return {
    take: (field) => {
      bytes += field.size;
      const { kind, value } = field;
      switch (kind) {
        case 'regular':
          return keep(field);
        case 'length': {
          const length = /^\d{1,15}$/.test(value) ? Number(value) : undefined;
          malformed ||= length === undefined || (contentLength ?? length) !== length;
          contentLength = length;
          return keep(field);
        }
        case 'malformed':
          malformed = true;
          return;
        default:
          // They come first, and each of them once.
          malformed ||= hasRegular || pseudo[kind] !== undefined;
          hasPseudo = true;
          pseudo[kind] = value;
      }
    },
    request: () => {
      const { method = '', scheme = '', path = '' } = pseudo;
      if (malformed || method === '' || scheme === '' || path === '') return undefined;
      return { method, path, fields, contentLength, excessive: bytes > headerListBytes };
    },
    isTrailers: () => !malformed && !hasPseudo,
  };
}

/** The first value of a field; undefined: there is none. */
export function fieldIn(fields: readonly string[], name: string): string | undefined {
  for (let at = 0; at < fields.length; at += 2) if (fields[at] === name) return fields[at + 1];
  return undefined;
}
