import { type Address, type Prefix, parseAddress, parsePrefix } from '../../../core/address.ts';
import type { Entries } from './format.ts';

/** The lines of a document, one after the other. Bytes beyond ASCII turn into other characters: no address has any. */
export function* linesOf(bytes: Uint8Array): Generator<string> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  for (let from = 0; from <= text.length; ) {
    const end = text.indexOf('\n', from);
    yield text.slice(from, end < 0 ? text.length : end);
    from = end < 0 ? text.length + 1 : end + 1;
  }
}

/** A line without its comment, which begins with # or ;. */
export function withoutComment(line: string): string {
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '#' || line[at] === ';') return line.slice(0, at).trim();
  }
  return line.trim();
}

/** Adds the address, the prefix or the range `first - last` of IPv4 that a text is. */
export function addText(text: string, entries: Entries): void {
  const prefix = parsePrefix(text);
  const range = prefix === undefined ? rangeOf(text) : undefined;
  if (range === undefined) entries.add(prefix);
  else for (const part of range) entries.add(part);
}

type Part = Pick<Prefix, 'address' | 'length'>;

/** The prefixes that a range of IPv4 consists of, 62 at most. */
function rangeOf(text: string): readonly Part[] | undefined {
  const dash = text.indexOf('-');
  if (dash < 0) return undefined;
  const first = wordOf(parseAddress(text.slice(0, dash).trim()));
  const last = wordOf(parseAddress(text.slice(dash + 1).trim()));
  if (first === undefined || last === undefined || first > last) return undefined;
  const parts: Part[] = [];
  for (let from = first; from <= last; ) {
    // The largest block that begins here and does not reach beyond the end.
    let size = 1;
    while (size < 2 ** 32 && from % (size * 2) === 0 && from + size * 2 - 1 <= last) size *= 2;
    parts.push({ address: { family: 4, words: [from] }, length: 32 - Math.log2(size) });
    from += size;
  }
  return parts;
}

const wordOf = (address: Address | undefined): number | undefined =>
  address?.family === 4 ? address.words[0] : undefined;
