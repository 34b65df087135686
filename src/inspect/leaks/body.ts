import type { BodyProcessor, BodyStep } from '../../core/processing.ts';
import type { Refusal } from '../../core/verdict.ts';
import { contextBytes, type Window } from './detector.ts';
import type { LeakFindings } from './findings.ts';
import { maskMatch } from './mask.ts';
import type { Match } from './places.ts';
import type { LeakPolicy } from './policy.ts';

const empty = new Uint8Array(0);

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

/** Looks through one body, piece by piece; refusal says what a body with leaks is refused with. */
export function leakSearch(policy: LeakPolicy, findings: LeakFindings, refusal: () => Refusal): BodyProcessor {
  /** Bytes that went on (known of them) and bytes that wait. */
  let held = empty;
  let known = 0;
  let offset = 0;

  const hides = (match: Match, bytes: Uint8Array): boolean => {
    const action = policy.actionOf(match.kind);
    findings.add(match.kind, action, bytes.subarray(match.start, match.end), `body@${offset + match.start - known}`);
    return !policy.shadow && action !== 'detect';
  };

  function push(piece: Uint8Array, last: boolean): BodyStep {
    const bytes = held.length === 0 ? piece : joined(held, piece);
    const window: Window = { bytes, last };
    const { matches, cut } = policy.search(window, known);
    const hidden = matches.filter((match) => hides(match, bytes));
    if (policy.blocks && findings.blocked() >= policy.atLeast) return { kind: 'refuse', refusal: refusal() };
    const changed: Window = hidden.length === 0 ? window : { bytes: new Uint8Array(bytes), last };
    for (const match of hidden) maskMatch(changed, match);
    // Nothing waited and nothing waits: what came is what goes on.
    const asItCame = hidden.length === 0 && held.length === known && cut === bytes.length;
    const forward = asItCame ? piece : changed.bytes.subarray(known, cut);
    offset += cut - known;
    const from = Math.max(0, cut - contextBytes);
    // A copy: the piece's buffer may be large, or used again.
    held = last ? empty : new Uint8Array(bytes.subarray(from));
    known = last ? 0 : cut - from;
    return { kind: 'forward', bytes: forward };
  }

  return { push, detail: () => findings.detail() };
}
