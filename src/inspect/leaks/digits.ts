import type { Digit, DigitRun, Window } from './detector.ts';
import { type Piece, pieceAt } from './pieces.ts';

/** So many digits are looked at together. */
const mostDigits = 64;
/** More than any number has that is looked for. */
const beyondNumbers = 20;
/** So many characters that repeat may part two digits: what goes on for ever must not be waited for. */
const mostRepeats = 8;

/** What parts two digits: one blank, dot or the like, and some that repeat. Two blanks part two numbers. */
interface Gap {
  singles: number;
  repeating: number;
  dot: boolean;
}

/** Whether the gap is still one with this in it. */
function widen(gap: Gap, { kind, repeats }: Piece): boolean {
  if (repeats) gap.repeating += 1;
  else gap.singles += 1;
  gap.dot ||= kind === 'dot';
  return gap.singles <= 1 && gap.repeating <= mostRepeats;
}

/** Where the next run may begin: in a run that was cut short, at the first group that was not seen whole. */
function goesOnAt(digits: readonly Digit[], end: number): number {
  const late = digits.slice(mostDigits - beyondNumbers).find(({ after }) => after !== 'digit');
  return late?.start ?? end;
}

/** The digits from a place on, with gaps between them; undefined when more bytes may belong to them. */
export function readDigits(window: Window, start: number): DigitRun | undefined {
  const digits: Digit[] = [];
  let gap: Gap | undefined;
  let at = start;
  let end = start;
  for (;;) {
    const piece = pieceAt(window, at);
    if (piece.kind === 'cut') return undefined;
    if (piece.kind === 'other') return { digits, end, next: end };
    at += piece.length;
    if (piece.kind !== 'digit') {
      gap ??= { singles: 0, repeating: 0, dot: false };
      if (!widen(gap, piece)) return { digits, end, next: end };
      continue;
    }
    if (digits.length === mostDigits) return { digits, end, next: goesOnAt(digits, end) };
    const after = gap?.dot ? 'dot' : gap === undefined && digits.length > 0 ? 'digit' : 'separator';
    digits.push({ value: piece.value, start: at - piece.length, end: at, after });
    gap = undefined;
    end = at;
  }
}

/** Whether a digit begins there, or stands behind the gap that begins there, or may when more bytes have come. */
export function leadsToDigit(window: Window, start: number): boolean {
  const gap: Gap = { singles: 0, repeating: 0, dot: false };
  let piece = pieceAt(window, start);
  for (let at = start; piece.kind === 'separator' || piece.kind === 'dot'; piece = pieceAt(window, at)) {
    if (!widen(gap, piece)) return false;
    at += piece.length;
  }
  return piece.kind === 'digit' || piece.kind === 'cut';
}
