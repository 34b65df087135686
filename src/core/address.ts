/** An IP address as unsigned 32-bit words: one for IPv4, four for IPv6. */
export interface Address {
  readonly family: 4 | 6;
  readonly words: readonly number[];
}

/** A range of addresses: the first one, and how many leading bits count. */
export interface Prefix {
  readonly address: Address;
  readonly length: number;
  /** Canonical: an address for a single host, else address/length. */
  readonly text: string;
}

const v4Octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const v4Text = new RegExp(`^${v4Octet}\\.${v4Octet}\\.${v4Octet}\\.${v4Octet}$`);
const v6Group = /^[0-9a-f]{1,4}$/i;
const v6LongestText = 45;

function v4Word(text: string): number | undefined {
  const match = v4Text.exec(text);
  if (match === null) return undefined;
  return match.slice(1).reduce((word, octet) => word * 256 + Number(octet), 0);
}

/** 16-bit groups of one side of the double colon; only the end of an address may be dotted. */
function v6Groups(text: string, dottedEnd: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (v6Group.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const word = dottedEnd && index === parts.length - 1 ? v4Word(part) : undefined;
    if (word === undefined) return undefined;
    groups.push(word >>> 16, word & 0xffff);
  }
  return groups;
}

function v6Words(text: string): number[] | undefined {
  if (text.length > v6LongestText) return undefined;
  const gap = text.indexOf('::');
  const head = v6Groups(gap < 0 ? text : text.slice(0, gap), gap < 0);
  const tail = v6Groups(gap < 0 ? '' : text.slice(gap + 2), true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (gap < 0 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return [0, 2, 4, 6].map((at) => groups.slice(at, at + 2).reduce((word, group) => word * 0x10000 + group, 0));
}

/**
 * The address that a text stands for; undefined when it is none.
 * Strict: decimal octets without leading zeros, no zone, no brackets, no port. An IPv4-mapped IPv6 address
 * (RFC 4291 section 2.5.5.2) is the IPv4 address, so that it cannot slip past an IPv4 prefix.
 */
export function parseAddress(text: string): Address | undefined {
  const word = v4Word(text);
  if (word !== undefined) return { family: 4, words: [word] };
  const words = v6Words(text);
  if (words === undefined) return undefined;
  const mapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
  return mapped ? { family: 4, words: words.slice(3) } : { family: 6, words };
}

/** The longest run of zero groups, the first of equals; a single group is not worth a double colon. */
function longestZeros(groups: readonly number[]): { readonly from: number; readonly to: number } {
  let best = { from: 0, to: 0 };
  for (let from = 0; from < groups.length; from++) {
    let to = from;
    while (to < groups.length && groups[to] === 0) to++;
    if (to - from > Math.max(1, best.to - best.from)) best = { from, to };
    from = Math.max(from, to);
  }
  return best;
}

/** The canonical text of an address: dotted decimal, or RFC 5952. */
export function formatAddress({ family, words }: Address): string {
  if (family === 4) return words.flatMap((word) => [24, 16, 8, 0].map((shift) => (word >>> shift) & 0xff)).join('.');
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  const { from, to } = longestZeros(groups);
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  return to === from ? text(groups) : `${text(groups.slice(0, from))}::${text(groups.slice(to))}`;
}

const hasHostBits = (words: readonly number[], length: number): boolean =>
  words.some((word, index) => {
    const kept = Math.min(32, Math.max(0, length - index * 32));
    return word % 2 ** (32 - kept) !== 0;
  });

/**
 * The prefix that "192.0.2.0/24", "2001:db8::/32" or a bare address stands for; undefined when the text is none, or
 * when bits beyond the length are set, since then nobody knows which network was meant.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  const written = slash < 0 ? text : text.slice(0, slash);
  const address = parseAddress(written);
  if (address === undefined) return undefined;
  const bits = address.words.length * 32;
  const lengthText = slash < 0 ? undefined : text.slice(slash + 1);
  if (lengthText !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(lengthText)) return undefined;
  // The length of a mapped address counts from the start of the IPv6 one.
  const mappedBits = address.family === 4 && written.includes(':') ? 96 : 0;
  const length = lengthText === undefined ? bits : Number(lengthText) - mappedBits;
  if (length < 0 || length > bits || hasHostBits(address.words, length)) return undefined;
  const canonical = formatAddress(address);
  return { address, length, text: length === bits ? canonical : `${canonical}/${length}` };
}
