const typeToken = /[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+/iy;
// One parameter a match: as one expression over all of them, blanks between semicolons would be tried in every split.
const parameterToken =
  /[ \t]*;[ \t]*(?:([!#$%&'*+.^_`|~0-9a-z-]+)=([!#$%&'*+.^_`|~0-9a-z-]+|"[ \t!#-[\]-~\x80-\uffff]*"))?/iy;

/** The type in lower case, when it is well formed (RFC 9110 section 8.3.1) and of no charset but one UTF-8; else undefined. */
export function utf8MediaType(value: string): string | undefined {
  typeToken.lastIndex = 0;
  const type = typeToken.exec(value)?.[0];
  if (type === undefined) return undefined;
  let at = type.length;
  let charsets = 0;
  for (;;) {
    parameterToken.lastIndex = at;
    const match = parameterToken.exec(value);
    if (match === null) break;
    at = parameterToken.lastIndex;
    if (match[1]?.toLowerCase() !== 'charset') continue;
    charsets += 1;
    if (charsets > 1 || match[2]?.replaceAll('"', '').toLowerCase() !== 'utf-8') return undefined;
  }
  return /[^ \t]/.test(value.slice(at)) ? undefined : type.toLowerCase();
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
