import type { Json } from '../../core/json.ts';

/** The formats of bodies that are read. */
export type Format = 'json' | 'ndjson' | 'form' | 'multipart' | 'xml' | 'graphql' | 'text' | 'binary';

/** One text of a request, decoded once by its own format, and where it stands: what a detector looks at. */
export interface Field {
  readonly in: 'path' | 'query' | 'header' | 'cookie' | 'body';
  /** part_header: a header of a part of multipart. token: text that is the format's own, like an element's name. */
  readonly role: 'value' | 'name' | 'file_name' | 'part_header' | 'token';
  /** The name of the parameter, header or cookie; in a body the RFC 6901 pointer of the value, or of the one that it names. */
  readonly name: string;
  readonly text: string;
}

/** A body that was read strictly. */
export interface Content {
  readonly format: Format;
  /** What a schema is held against: JSON as it is; a form and multipart an object of strings, or lists of them; undefined where the format has no such value. */
  readonly value: Json | undefined;
  /** Every text in it: values and names, in their order. */
  readonly fields: readonly Field[];
}

/** Bounds of a body's reading; what exceeds one is refused. */
export interface ContentLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  /** Values and names in all. */
  readonly maxFields: number;
  readonly maxParts: number;
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
