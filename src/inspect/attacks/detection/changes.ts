import type { Transform } from '../rule.ts';
import { byteView } from '../transforms/bytes.ts';
import { transformations } from '../transforms/index.ts';

/** A step of a chain of transformations: bytes is our own, the text's bytes as characters. */
type Step = Transform | 'bytes';

/** A chain of transformations; each thread keeps one for all conditions that have the same. */
export interface Change {
  readonly index: number;
  readonly step: Step | undefined;
  /** What is done before; undefined: it is the beginning, the text itself. */
  readonly before: Change | undefined;
  /**
   * An ordinary text without any word of a gate (see isPlain) stays one of these: what cannot match it before cannot match
   * it after.
   */
  readonly keepsPlain: boolean;
}

const unsteady: ReadonlySet<Step> = new Set<Step>([
  'base64_decode',
  'hex_decode',
  'hex_encode',
  'length',
  'md5',
  'remove_whitespace',
  'sha1',
  'sql_hex_decode',
  'url_encode',
]);

/** All chains of a set of rules; those that begin alike share what they begin with. */
export interface Changes {
  of(steps: readonly Transform[], bytes: boolean): Change;
  /** Opens the texts of one run: nothing is changed twice. */
  open(): (change: Change, text: string) => string;
}

/** Every chain that leads to this one, itself last, without the text as it came. */
export function stagesOf(change: Change): readonly Change[] {
  const { before } = change;
  return before === undefined ? [change] : [...stagesOf(before), change];
}

/** Opens a set of chains. */
export function openChanges(): Changes {
  const root: Change = { index: 0, step: undefined, before: undefined, keepsPlain: true };
  const all: Change[] = [root];
  const after = (before: Change, step: Step): Change => {
    const known = all.find((change) => change.before === before && change.step === step);
    if (known !== undefined) return known;
    const made = { index: all.length, step, before, keepsPlain: before.keepsPlain && !unsteady.has(step) };
    all.push(made);
    return made;
  };
  return {
    of: (steps, bytes) => {
      const last = steps.reduce<Change>(after, root);
      return bytes ? after(last, 'bytes') : last;
    },
    open: () => {
      const known: (Map<string, string> | undefined)[] = [];
      const change = ({ index, step, before }: Change, text: string): string => {
        if (step === undefined || before === undefined) return text;
        const changed = (known[index] ??= new Map<string, string>());
        const found = changed.get(text);
        if (found !== undefined) return found;
        const input = change(before, text);
        const made = step === 'bytes' ? byteView(input) : transformations[step](input);
        changed.set(text, made);
        return made;
      };
      return change;
    },
  };
}
