import { numberAt } from './number-at.ts';

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

const v6LongestText = 45;
const dot = 46;
const colon = 58;

/**
 * The address in a part of a text, which must be dotted decimal without leading zeros; undefined when it is not. By hand,
 * for every call has an address and lists have a million of them.
 */
function v4Word(text: string, from: number, to: number): number | undefined {
  if (to - from < 7 || to - from > 15) return undefined;
  let word = 0;
  let octet = -1;
  let octets = 0;
  for (let at = from; at <= to; at++) {
    const code = at === to ? dot : text.charCodeAt(at);
    if (code === dot) {
      if (octet < 0) return undefined;
      word = word * 256 + octet;
      octets += 1;
      octet = -1;
      continue;
    }
    const digit = code - 48;
    // A zero that another digit follows was a leading one.
    if (digit < 0 || digit > 9 || octet === 0) return undefined;
    octet = octet < 0 ? digit : octet * 10 + digit;
    if (octet > 255) return undefined;
  }
  return octets === 4 ? word : undefined;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** Puts zeros where the double colon stood, before the groups that came behind it. */
function fillGap(groups: number[], gap: number, count: number): void {
  const missing = 8 - count;
  for (let at = count - 1; at >= gap; at--) groups[at + missing] = numberAt(groups, at);
  groups.fill(0, gap, gap + missing);
}

/** The eight 16-bit groups of an IPv6 address; only its end may be dotted. */
function v6Groups(text: string): readonly number[] | undefined {
  const groups = [0, 0, 0, 0, 0, 0, 0, 0];
  const end = text.length;
  let count = 0;
  let gap = text.startsWith('::') ? 0 : -1;
  let at = gap === 0 ? 2 : 0;
  while (at < end) {
    const start = at;
    let group = 0;
    for (let digit = 0; at < end && at - start <= 4; at++) {
      digit = hexDigit(text.charCodeAt(at));
      if (digit < 0) break;
      group = group * 16 + digit;
    }
    if (at < end && text.charCodeAt(at) === dot) {
      const word = count > 6 ? undefined : v4Word(text, start, end);
      if (word === undefined) return undefined;
      groups[count] = word >>> 16;
      groups[count + 1] = word & 0xffff;
      count += 2;
      break;
    }
    if (at === start || at - start > 4 || count === 8) return undefined;
    groups[count] = group;
    count += 1;
    if (at === end) break;
    if (text.charCodeAt(at) !== colon || at + 1 === end) return undefined;
    at += 1;
    if (text.charCodeAt(at) === colon) {
      if (gap >= 0) return undefined;
      gap = count;
      at += 1;
    }
  }
  if (gap < 0 ? count !== 8 : count > 7) return undefined;
  if (gap >= 0) fillGap(groups, gap, count);
  return groups;
}

function v6Words(text: string): readonly number[] | undefined {
  if (text.length > v6LongestText) return undefined;
  const groups = v6Groups(text);
  if (groups === undefined) return undefined;
  const word = (at: number): number => numberAt(groups, at) * 0x10000 + numberAt(groups, at + 1);
  return [word(0), word(2), word(4), word(6)];
}

/**
 * The address that a text stands for; undefined when it is none.
 * Strict: decimal octets without leading zeros, no zone, no brackets, no port. An IPv4-mapped IPv6 address
 * (RFC 4291 section 2.5.5.2) is the IPv4 address, so that it cannot slip past an IPv4 prefix.
 */
export function parseAddress(text: string): Address | undefined {
  const word = v4Word(text, 0, text.length);
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

const v4Text = (word: number): string => `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;

/** The canonical text of an address: dotted decimal, or RFC 5952. */
export function formatAddress({ family, words }: Address): string {
  if (family === 4) return v4Text(numberAt(words, 0));
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

/** What is written as a prefix, whatever bits are set; undefined when it is none. */
function readPrefix(text: string): Omit<Prefix, 'text'> | undefined {
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
  return length < 0 || length > bits ? undefined : { address, length };
}

function prefixOf(address: Address, length: number): Prefix {
  const canonical = formatAddress(address);
  return { address, length, text: length === address.words.length * 32 ? canonical : `${canonical}/${length}` };
}

/**
 * The prefix that "192.0.2.0/24", "2001:db8::/32" or a bare address stands for; undefined when the text is none, or
 * when bits beyond the length are set, since then nobody knows which network was meant.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const read = readPrefix(text);
  return read === undefined || hasHostBits(read.address.words, read.length)
    ? undefined
    : prefixOf(read.address, read.length);
}

/** The prefix of so many bits that holds an address. */
export function prefixAround({ family, words }: Address, length: number): Prefix {
  const masked = words.map((word, index) => {
    const kept = Math.min(32, Math.max(0, length - index * 32));
    return word - (word % 2 ** (32 - kept));
  });
  return prefixOf({ family, words: masked }, length);
}

/** The network that holds an address, like "192.0.2.7/24": for sources that are known to write so. */
export function parseNetwork(text: string): Prefix | undefined {
  const read = readPrefix(text);
  return read && prefixAround(read.address, read.length);
}
