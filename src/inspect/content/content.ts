import type { Json } from '../../core/json.ts';

/** The formats of bodies that are read. */
export type Format = 'json' | 'ndjson' | 'form' | 'multipart' | 'xml' | 'graphql' | 'grpc' | 'text' | 'binary';

/** One text of a request, decoded once by its own format, and where it stands: what a detector looks at. */
export interface Field {
  readonly in: 'path' | 'query' | 'header' | 'cookie' | 'body';
  /** part_header: a header of a part of multipart. token: text that is the format's own, like an element's name. */
  readonly role: 'value' | 'name' | 'file_name' | 'part_header' | 'token';
  /**
   * The name of the parameter, header or cookie, or the index of the path's segment; in a body the RFC 6901 pointer of the
   * value, or of the one that it names. A pointer of over 256 characters ends at an ancestor, with "/…" behind it.
   */
  readonly name: string;
  readonly text: string;
}

/** One part of a multipart body. */
export interface Part {
  readonly name: string;
  /** Undefined: a value and no file. */
  readonly fileName: string | undefined;
  /** In lower case, without parameters; undefined where the part does not say it. */
  readonly mediaType: string | undefined;
  readonly bytes: Uint8Array;
}

/** A body that was read strictly. */
export interface Content {
  readonly format: Format;
  /**
   * What a schema is held against: JSON as it is, NDJSON the list of its lines; a form and multipart an object of strings, or lists of them where a
   * name is repeated; undefined where the format has no such value.
   */
  readonly value: Json | undefined;
  /** Every text in it: values and names, in their order. Numbers, booleans and null are no texts. */
  readonly fields: readonly Field[];
  /** The parts of multipart, in their order. */
  readonly parts?: readonly Part[];
}

/** Bounds of a body's reading; what exceeds one is refused. */
export interface ContentLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  /** Values and names in all; of GraphQL the tokens too. */
  readonly maxFields: number;
  readonly maxParts: number;
  /** Numbers of JSON that a double would change are taken: only its texts are wanted. */
  readonly roughNumbers?: boolean;
}

/** How a body is to be read, by its media type. */
export interface BodyFormat {
  readonly format: Format;
  /** In lower case, without parameters. */
  readonly mediaType: string;
  /** Of multipart; undefined elsewhere. */
  readonly boundary: string | undefined;
}

/**
 * Why a body cannot be read. excess: a bound, everything else is malformed. problem: a stable word that callers see; pointer:
 * RFC 6901, at most 256 characters.
 */
export interface Unreadable {
  readonly ok: false;
  readonly excess: boolean;
  readonly problem: string;
  readonly pointer: string;
}

/** A body that was read, or why it cannot be. */
export type ReadContent = { readonly ok: true; readonly content: Content } | Unreadable;

/** Reads one format: the bytes are within maxBytes already. Never throws. */
export type ReadFormat = (bytes: Uint8Array, limits: ContentLimits, body: BodyFormat) => ReadContent;
