import { threeLetters } from './triggers.ts';

/** The three letters of a trigger by which it is found: those that are rare in texts. */
interface Anchor {
  readonly trigger: Uint8Array;
  readonly offset: number;
}

/** An anchor stands no farther behind the start of its trigger. */
export const mostAnchorOffset = 6;

/** How common a letter is in JSON and in prose, roughly. */
const commonness = (letter: string): number =>
  /[ etaoinsr]/.test(letter) ? 6 : /[a-z0-9]/.test(letter) ? 3 : /["A-Z:,./]/.test(letter) ? 2 : 1;

function anchorOffset(trigger: string): number {
  let best = { offset: 0, cost: Number.POSITIVE_INFINITY };
  for (let offset = 0; offset + 3 <= trigger.length && offset <= mostAnchorOffset; offset += 1) {
    const letters = trigger.slice(offset, offset + 3);
    const doubled = letters[0] === letters[1] || letters[1] === letters[2];
    const cost = Array.from(letters, commonness).reduce((product, one) => product * one) / (doubled ? 4 : 1);
    if (cost < best.cost) best = { offset, cost };
  }
  return best.offset;
}

/** The anchors of these triggers, by their three bytes (threeBytes). */
export function compileAnchors(triggers: readonly string[]): ReadonlyMap<number, readonly Anchor[]> {
  const anchors = new Map<number, Anchor[]>();
  for (const trigger of triggers) {
    const offset = anchorOffset(trigger);
    const letters = threeLetters(trigger, offset);
    const anchor = { trigger: Buffer.from(trigger, 'latin1'), offset };
    const known = anchors.get(letters);
    if (known === undefined) anchors.set(letters, [anchor]);
    else known.push(anchor);
  }
  return anchors;
}

/** Whether the trigger stands around its anchor there, as far as the bytes go. */
export function holdsAnchor(bytes: Uint8Array, { trigger, offset }: Anchor, at: number): boolean {
  const start = at - offset;
  for (let index = 0; index < trigger.length && start + index < bytes.length; index += 1)
    if (bytes[start + index] !== trigger[index]) return false;
  return true;
}
