import type { MessageHead } from '../../core/processing.ts';

/** What the head of a message says of its body. */
type Readability =
  /** undefined: no content type is given. */
  | { readonly kind: 'readable'; readonly type: string | undefined }
  | {
      readonly kind: 'unreadable';
      readonly type: string | undefined;
      readonly why: 'encoding' | 'charset' | 'partial' | 'type';
    };

const typeAndRest = /^[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+\/[!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*(?:;(.*))?$/s;
const charset = /(?:^|;)[ \t]*charset[ \t]*=[ \t]*"?([^";\t ]*)/gi;
/** Charsets in which ASCII is ASCII: what is looked for is made of it. */
const asciiCharsets: ReadonlySet<string> = new Set([
  'utf-8',
  'utf8',
  'us-ascii',
  'ascii',
  'iso-8859-1',
  'iso-8859-15',
  'latin1',
  'windows-1252',
]);
const partialContent = 206;

/** Tells whether the bytes that will come can be looked into as they are. */
export function readability({ headers, status }: MessageHead): Readability {
  const types = headers.get('content-type') ?? [];
  const match = typeAndRest.exec(types[0] ?? '');
  const type = match?.[1]?.toLowerCase();
  const unreadable = (why: 'encoding' | 'charset' | 'partial' | 'type'): Readability => ({
    kind: 'unreadable',
    type,
    why,
  });
  if (types.length > 1 || (types.length === 1 && type === undefined)) return unreadable('type');
  const encodings = headers.get('content-encoding') ?? [];
  if (encodings.some((value) => value.split(',').some((one) => !isIdentity(one)))) return unreadable('encoding');
  const charsets = [...(match?.[2] ?? '').matchAll(charset)].map(([, name = '']) => name.toLowerCase());
  if (charsets.some((name) => !asciiCharsets.has(name))) return unreadable('charset');
  // Somebody can put the parts together, of which each shows too little.
  if (status === partialContent) return unreadable('partial');
  return { kind: 'readable', type };
}

const isIdentity = (encoding: string): boolean => ['', 'identity'].includes(encoding.trim().toLowerCase());

/** Tells whether a type is on a list, in which type/* and type/*+suffix stand for many; a body without a type is. */
export function typeList(accepted: readonly string[]): (type: string | undefined) => boolean {
  const names = new Set(accepted.map((entry) => entry.toLowerCase()));
  return (type) => {
    if (type === undefined || names.has(type)) return true;
    const slash = type.indexOf('/');
    const plus = type.lastIndexOf('+');
    const family = type.slice(0, slash);
    return names.has(`${family}/*`) || (plus > slash && names.has(`${family}/*${type.slice(plus)}`));
  };
}
