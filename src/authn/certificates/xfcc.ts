/** The keys that Envoy writes, in lower case. */
type XfccKey = 'by' | 'hash' | 'cert' | 'chain' | 'subject' | 'uri' | 'dns';

/** What one proxy says of the certificate that it was shown: its values by their keys, without quotes. */
export type XfccElement = ReadonlyMap<XfccKey, readonly string[]>;

// A value in quotes takes everything; a backslash goes with the character behind it.
const member = /[ \t]*(by|hash|cert|chain|subject|uri|dns)=(?:"((?:[^"\\]|\\.)*)"|([^",;\\ \t]*))[ \t]*(;|,|$)/iy;
const foreign = /[^\t\x20-\x7e]/;
const mayRepeat: ReadonlySet<XfccKey> = new Set(['by', 'uri', 'dns']);

/**
 * Parses x-forwarded-client-cert: elements by commas, the nearest proxy's last, each of pairs by semicolons. Undefined when
 * anything in it is not as Envoy writes it: an unknown key, a key that stands twice, a quote that does not end.
 */
export function parseXfcc(text: string): readonly XfccElement[] | undefined {
  if (foreign.test(text)) return undefined;
  const elements: XfccElement[] = [];
  let element = new Map<XfccKey, readonly string[]>();
  let end: string | undefined;
  member.lastIndex = 0;
  while (end !== '') {
    const [, name = '', quoted, plain = '', separator] = member.exec(text) ?? [];
    if (separator === undefined) return undefined;
    const key = name.toLowerCase() as XfccKey; // one of the names in the expression
    const before = element.get(key) ?? [];
    if (before.length > 0 && !mayRepeat.has(key)) return undefined;
    element.set(key, [...before, quoted === undefined ? plain : unescaped(quoted)]);
    if (separator !== ';') {
      elements.push(element);
      element = new Map();
    }
    end = separator;
  }
  return elements;
}

// Only a quote is escaped for the header's sake; other escapes are those of the distinguished name (RFC 4514 section 2.4).
const unescaped = (quoted: string): string => quoted.replace(/\\./g, (pair) => (pair === '\\"' ? '"' : pair));
