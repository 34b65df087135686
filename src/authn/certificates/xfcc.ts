/** What one proxy says of the certificate that it was shown: its values by their keys in lower case, without quotes. */
export type XfccElement = ReadonlyMap<string, string>;

// As many elements as hops can be trusted; more pairs and text than Envoy writes.
const max = { length: 64 * 1024, elements: 32, pairs: 32 } as const;
// A value in quotes takes everything; a backslash goes with the character behind it.
const pair = /[ \t]*(by|hash|cert|chain|subject)=(?:"((?:[^"\\]|\\.)*)"|([^",;\\ \t]*))[ \t]*(;|,|$)/iy;
// What Envoy encodes or escapes it puts in quotes, and nothing else.
const inQuotes: ReadonlySet<string> = new Set(['cert', 'chain', 'subject']);
const foreign = /[^\t\x20-\x7e]/;
// In quotes, too: one that a client leaves open must not hide a name.
const name = /(?:^|[;,])[ \t]*(?:uri|dns)=/i;

/**
 * Whether alternative names stand in x-forwarded-client-cert. Envoy writes them as the certificate has them, with commas,
 * semicolons and quotes: whatever follows may be the word of the client's certificate, and no proxy's.
 */
export const holdsNames = (text: string): boolean => name.test(text);

/**
 * Parses x-forwarded-client-cert without names: elements by commas, the nearest proxy's last, each of pairs by semicolons.
 * Undefined when anything in it is not as Envoy writes it: an unknown key, a key that stands twice, a quote that does not
 * end, quotes where there are none or none where they are, or more than there can be.
 */
export function parseXfcc(text: string): readonly XfccElement[] | undefined {
  if (text.length > max.length || foreign.test(text)) return undefined;
  const elements: XfccElement[] = [];
  let element = new Map<string, string>();
  let pairs = 0;
  let end: string | undefined;
  pair.lastIndex = 0;
  while (end !== '') {
    const [, spelled = '', quoted, plain = '', separator] = pair.exec(text) ?? [];
    const key = spelled.toLowerCase();
    pairs += 1;
    if (separator === undefined || pairs > max.pairs || elements.length === max.elements) return undefined;
    if (inQuotes.has(key) !== (quoted !== undefined)) return undefined;
    // By, the proxy's own names, may be several.
    if (element.has(key) && key !== 'by') return undefined;
    element.set(key, quoted ?? plain);
    if (separator !== ';') {
      elements.push(element);
      element = new Map();
      pairs = 0;
    }
    end = separator;
  }
  return elements;
}
