const typeToken = /[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+/iy;
// One parameter a match: as one expression over all of them, blanks between semicolons would be tried in every split.
const parameterToken =
  /[ \t]*;[ \t]*(?:([!#$%&'*+.^_`|~0-9a-z-]+)=([!#$%&'*+.^_`|~0-9a-z-]+|"[ \t!#-[\]-~\x80-\uffff]*"))?/iy;

/** A media type in lower case with its parameters in their order, their names in lower case and their values unquoted. */
export interface MediaType {
  readonly type: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** The media type, when it is well formed (RFC 9110 section 8.3.1, without escapes in quotes) and of no charset but one UTF-8; else undefined. */
export function parseMediaType(value: string): MediaType | undefined {
  typeToken.lastIndex = 0;
  const type = typeToken.exec(value)?.[0];
  if (type === undefined) return undefined;
  const parameters: (readonly [string, string])[] = [];
  let at = type.length;
  for (;;) {
    parameterToken.lastIndex = at;
    const match = parameterToken.exec(value);
    if (match === null) break;
    at = parameterToken.lastIndex;
    if (match[1] !== undefined) parameters.push([match[1].toLowerCase(), (match[2] ?? '').replaceAll('"', '')]);
  }
  if (/[^ \t]/.test(value.slice(at))) return undefined;
  const charsets = parameters.filter(([name]) => name === 'charset');
  const [charset] = charsets;
  if (charsets.length > 1 || (charset !== undefined && charset[1].toLowerCase() !== 'utf-8')) return undefined;
  return { type: type.toLowerCase(), parameters };
}

/** Tells whether a type is on a list, where an entry such as application/*+json takes every type with that suffix. */
export function mediaTypeList(accepted: readonly string[]): (type: string) => boolean {
  const exact = new Set(accepted.map((entry) => entry.toLowerCase()));
  return (type) => {
    const plus = type.lastIndexOf('+');
    const family = plus < 0 ? type : `${type.slice(0, type.indexOf('/'))}/*${type.slice(plus)}`;
    return exact.has(type) || exact.has(family);
  };
}
