import { parseAddress, parsePrefix } from '../../../core/address.ts';
import { createAddressSet } from '../../../core/address-set.ts';
import { isSqli } from '../detectors/sqli.ts';
import { isXss } from '../detectors/xss.ts';
import type { Operator } from '../rule.ts';
import { compileTemplate, type Resolve } from './template.ts';

/** What is asked of one text at once, without an engine; values fill the macros of its argument. */
export type CheapTest = (text: string, resolve: Resolve) => boolean;

/** SecLang's numbers: what is none counts as 0. */
const numberOf = (text: string): number => {
  const trimmed = text.trim();
  return /^-?\d{1,15}$/.test(trimmed) ? Number(trimmed) : 0;
};

const comparisons = {
  eq: (one: number, other: number) => one === other,
  lt: (one: number, other: number) => one < other,
  gt: (one: number, other: number) => one > other,
  le: (one: number, other: number) => one <= other,
  ge: (one: number, other: number) => one >= other,
} as const;

const isWordSign = (character: string): boolean => /^[A-Za-z0-9_]$/.test(character);

function containsWord(text: string, word: string): boolean {
  if (word === '') return true;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
    if (!isWordSign(text.charAt(at - 1)) && !isWordSign(text.charAt(at + word.length))) return true;
  return false;
}

const textTests = {
  contains: (text: string, other: string) => text.includes(other),
  equals: (text: string, other: string) => text === other,
  begins_with: (text: string, other: string) => text.startsWith(other),
  ends_with: (text: string, other: string) => text.endsWith(other),
  within: (text: string, other: string) => other.includes(text),
  contains_word: containsWord,
} as const;

function addressTest(prefixes: readonly string[]): CheapTest {
  const set = createAddressSet(
    prefixes.flatMap((text) => {
      const prefix = parsePrefix(text);
      return prefix === undefined ? [] : [{ prefix }];
    }),
  );
  return (text) => {
    const address = parseAddress(text.trim());
    return address !== undefined && set.find(address) !== undefined;
  };
}

function byteTest(ranges: readonly (readonly [number, number])[]): CheapTest {
  const inside = new Uint8Array(256);
  for (const [first, last] of ranges) inside.fill(1, first, last + 1);
  const wideInside = inside.subarray(128).every((has) => has === 1);
  return (text) => {
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code < 128) {
        if (inside[code] === 0) return true;
      } else if (!wideInside) return Buffer.from(text, 'utf8').some((byte) => inside[byte] === 0);
    }
    return false;
  };
}

const badEscape = /%(?![0-9a-fA-F]{2})/;

const escaped = /%[0-9a-fA-F]{2}/;

/** Bytes that are no UTF-8 stand as U+FFFD where Envoy has decoded them, and in escapes where nobody could. */
function isBadUtf8(text: string): boolean {
  if (text.includes('\ufffd') || !text.isWellFormed()) return true;
  if (!escaped.test(text)) return false;
  try {
    decodeURIComponent(text.replace(/%(?![0-9a-fA-F]{2})/g, '%25'));
    return false;
  } catch {
    return true;
  }
}

/** Compiles an operator that needs no engine; undefined: it needs one, or is looked for by its words. */
export function compileCheap(operator: Operator): CheapTest | undefined {
  switch (operator.kind) {
    case 'rx':
    case 'phrases':
    case 'sqli':
    case 'xss':
      return undefined;
    case 'sql_shape':
      return isSqli;
    case 'html_shape':
      return isXss;
    case 'contains':
    case 'equals':
    case 'begins_with':
    case 'ends_with':
    case 'within':
    case 'contains_word': {
      const test = textTests[operator.kind];
      const fill = compileTemplate(operator.text);
      return (text, resolve) => test(text, fill(resolve));
    }
    case 'eq':
    case 'lt':
    case 'gt':
    case 'le':
    case 'ge': {
      const compare = comparisons[operator.kind];
      const fill = compileTemplate(operator.number);
      return (text, resolve) => compare(numberOf(text), numberOf(fill(resolve)));
    }
    case 'ip_match':
      return addressTest(operator.prefixes);
    case 'byte_outside':
      return byteTest(operator.ranges);
    case 'bad_url_encoding':
      return (text) => badEscape.test(text);
    case 'bad_utf8':
      return isBadUtf8;
    case 'always':
      return () => true;
    default:
      return operator satisfies never;
  }
}
