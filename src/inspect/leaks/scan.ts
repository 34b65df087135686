import {
  type CountryDetector,
  type DigitDetector,
  isAlphanumeric,
  type Judged,
  type LeakKind,
  type Window,
} from './detector.ts';
import { detectors } from './detectors/index.ts';
import { digitAt, readDigits, skimDigits } from './digits.ts';
import { compileTriggers, type NamedLiteral, slotOf, type Triggers } from './triggers.ts';

/** A leak: its bytes in the window. */
export interface Match {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

/** Searches a window from a place on; gives where the bytes begin that cannot be judged before more have come. */
export type Scan = (window: Window, from: number, found: (match: Match) => void) => number;

type Named<D> = readonly (readonly [kind: string, detector: D])[];

/** What one pass looks for. */
interface Search {
  readonly triggers: Triggers;
  readonly numbers: Named<DigitDetector>;
  readonly countries: Named<CountryDetector>;
  /** What is looked at closer, by byte: 1 a digit, 2 the first byte of a wide digit or of an escape. */
  readonly classes: Uint8Array;
}

/** How the pass goes on behind a place that was looked at closer. */
type Step = { readonly kind: 'go'; readonly to: number } | { readonly kind: 'wait'; readonly at: number };

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isCapital = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x41 && byte <= 0x5a;
const behindCountry = (bytes: Uint8Array, at: number): boolean => isCapital(bytes[at - 1]) && isCapital(bytes[at - 2]);

/** Asks detectors about one place, the first match wins. */
function ask<D>(
  candidates: Named<D>,
  judge: (detector: D) => Judged,
  start: number,
  found: (match: Match) => void,
): Step | undefined {
  for (const [kind, detector] of candidates) {
    const judged = judge(detector);
    if (judged.kind === 'more') return { kind: 'wait', at: start };
    if (judged.kind === 'none') continue;
    found({ kind, start: judged.start, end: judged.end });
    return { kind: 'go', to: judged.end };
  }
  return undefined;
}

function askNumbers({ numbers }: Search, window: Window, at: number, found: (match: Match) => void): Step {
  const run = readDigits(window, at);
  if (run === undefined) return { kind: 'wait', at };
  const step = ask(numbers, (detector) => detector.judge(window, run), at, found);
  return step ?? { kind: 'go', to: Math.max(run.end, at + 1) };
}

/** Looks closer at a place; undefined: nothing begins there. word: the four bytes that end there. */
function lookAt(
  search: Search,
  window: Window,
  at: number,
  word: number,
  found: (match: Match) => void,
): Step | undefined {
  const { bytes } = window;
  const byte = bytes[at] ?? 0;
  if (isDigit(byte)) {
    if (search.countries.length > 0 && behindCountry(bytes, at)) {
      const step = ask(search.countries, (detector) => detector.judge(window, at - 2), at - 2, found);
      if (step !== undefined) return step;
    }
    if (search.numbers.length > 0 && !isAlphanumeric(bytes, at - 1)) return askNumbers(search, window, at, found);
  }
  if (search.classes[byte] === 2) {
    const kind = digitAt(window, at);
    if (kind === 'cut') return { kind: 'wait', at };
    if (kind === 'digit') return askNumbers(search, window, at, found);
  }
  const candidates = search.triggers.byWord.get(word);
  return candidates && ask(candidates, (detector) => detector.judge(window, at - 3), at - 3, found);
}

/** Where the last bytes begin that may become a trigger, or the letters before an account number. */
function openTail({ triggers, countries }: Search, { bytes, last }: Window, from: number): number {
  if (last) return bytes.length;
  for (let at = Math.max(from, bytes.length - 3); at < bytes.length; at += 1) {
    const text = String.fromCharCode(...bytes.subarray(at));
    if (triggers.starts.has(text) || (countries.length > 0 && isCapital(bytes[at]))) return at;
  }
  return bytes.length;
}

function compileSearch(kinds: readonly LeakKind[]): Search {
  const literals: NamedLiteral[] = [];
  const numbers: (readonly [string, DigitDetector])[] = [];
  const countries: (readonly [string, CountryDetector])[] = [];
  for (const kind of kinds) {
    const detector = detectors[kind];
    if (detector.on === 'literal') literals.push([kind, detector]);
    else if (detector.on === 'digits') numbers.push([kind, detector]);
    else countries.push([kind, detector]);
  }
  const classes = new Uint8Array(256);
  if (numbers.length + countries.length > 0) classes.fill(1, 0x30, 0x3a);
  if (numbers.length > 0) classes.fill(2, 0xef, 0xf0).fill(2, 0x5c, 0x5d);
  return { triggers: compileTriggers(literals), numbers, countries, classes };
}

/** One pass: the loop that every byte goes through, so it asks as little of most of them as it can. */
function pass(search: Search, window: Window, from: number, found: (match: Match) => void): number {
  const { bytes } = window;
  const { classes } = search;
  const { passes } = search.triggers;
  const { length } = bytes;
  const skims = search.numbers.length > 0;
  const named = search.countries.length > 0;
  let word = 0;
  let at = from;
  while (at < length) {
    const byte = bytes[at] ?? 0;
    word = (word << 8) | byte;
    const slot = slotOf(word);
    const dull = ((passes[slot >>> 3] ?? 0) & (1 << (slot & 7))) === 0;
    const kind = classes[byte];
    if (dull && kind === 0) {
      at += 1;
      continue;
    }
    if (dull && kind === 1) {
      // A number begins at no digit behind a letter or digit, but for the two letters of a country.
      const inside = isAlphanumeric(bytes, at - 1);
      if (inside && !(named && behindCountry(bytes, at))) {
        at += 1;
        continue;
      }
      const short = inside || !skims ? -1 : skimDigits(bytes, at);
      if (short >= 0) {
        at = short;
        word = 0;
        continue;
      }
    }
    const step = lookAt(search, window, at, word, found);
    if (step === undefined) at += 1;
    else if (step.kind === 'wait') return step.at;
    else {
      at = Math.max(step.to, at + 1);
      word = 0;
    }
  }
  return length;
}

/**
 * Compiles one pass over bytes for the detectors of these kinds: each byte is looked at once, and a detector is asked only
 * where something begins that may be its own.
 */
export function compileScan(kinds: readonly LeakKind[]): Scan {
  const search = compileSearch(kinds);
  return (window, from, found) => {
    const waitsAt = pass(search, window, from, found);
    return Math.max(from, Math.min(waitsAt, openTail(search, window, from)));
  };
}
