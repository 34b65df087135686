import { type DigitDetector, goesOn, type Judged, type LeakKind, latin1, type Window } from './detector.ts';
import { detectors } from './detectors/index.ts';
import { readDigits } from './digits.ts';
import { isPlainDigit, longPieceStarts, pieceAt } from './pieces.ts';
import { compileTriggers, type NamedLiteral, type Triggers, threeBytes } from './triggers.ts';

/** A leak: its bytes in the window. */
export interface Match {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

/** What is looked for. */
export interface Search {
  readonly triggers: Triggers;
  readonly numbers: Named<DigitDetector>;
}

type Named<D> = readonly (readonly [kind: string, detector: D])[];

/** How the search goes on behind a place. */
type Step = { readonly kind: 'go'; readonly to: number } | { readonly kind: 'wait' };

const wait: Step = Object.freeze({ kind: 'wait' });

/** Asks detectors about one place, the first match wins; undefined: it is none's. */
function ask<D>(candidates: Named<D>, judge: (detector: D) => Judged, found: (match: Match) => void): Step | undefined {
  for (const [kind, detector] of candidates) {
    const judged = judge(detector);
    if (judged.kind === 'more') return wait;
    if (judged.kind === 'none') continue;
    found({ kind, start: judged.start, end: judged.end });
    return { kind: 'go', to: judged.end };
  }
  return undefined;
}

function askLiterals({ triggers }: Search, window: Window, at: number, found: (match: Match) => void) {
  const { bytes, last } = window;
  if (at + 3 > bytes.length) return !last && triggers.openings.has(latin1(bytes, at, at + 2)) ? wait : undefined;
  const candidates = triggers.byStart.get(threeBytes(bytes[at], bytes[at + 1], bytes[at + 2]));
  return candidates && ask(candidates, (detector) => detector.judge(window, at), found);
}

/** Whether a number may begin there: at a plain digit that does not go on with a word, or at a wide or escaped one. */
function beginsNumber(window: Window, at: number): 'cut' | boolean {
  const byte = window.bytes[at] ?? 0;
  if (isPlainDigit(byte)) return !goesOn(window.bytes, at);
  if (!longPieceStarts.includes(byte)) return false;
  const { kind } = pieceAt(window, at);
  return kind === 'cut' ? kind : kind === 'digit';
}

function askNumbers({ numbers }: Search, window: Window, at: number, found: (match: Match) => void): Step | undefined {
  if (numbers.length === 0) return undefined;
  const begins = beginsNumber(window, at);
  if (begins === 'cut') return wait;
  const run = begins ? readDigits(window, at) : undefined;
  if (run === undefined) return begins ? wait : undefined;
  const step = ask(numbers, (detector) => detector.judge(window, run), found);
  return step ?? { kind: 'go', to: run.next };
}

/** Asks what begins at this very place, and says where to go on. Whoever asks it of place after place finds every leak. */
export function askAt(search: Search, window: Window, at: number, found: (match: Match) => void): Step {
  const step = askLiterals(search, window, at, found) ?? askNumbers(search, window, at, found);
  return step === undefined || (step.kind === 'go' && step.to <= at) ? { kind: 'go', to: at + 1 } : step;
}

/** Compiles what is looked for by the names of its kinds. */
export function compileSearch(kinds: readonly LeakKind[]): Search {
  const literals: NamedLiteral[] = [];
  const numbers: (readonly [string, DigitDetector])[] = [];
  for (const kind of kinds) {
    const detector = detectors[kind];
    if (detector.on === 'literal') literals.push([kind, detector]);
    else numbers.push([kind, detector]);
  }
  return { triggers: compileTriggers(literals), numbers };
}
