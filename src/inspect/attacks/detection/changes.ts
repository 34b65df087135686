import { joinedMask, type Mask, noMask } from '../gate/mask.ts';
import type { Transform } from '../rule.ts';
import { byteView } from '../transforms/bytes.ts';
import { transformations } from '../transforms/index.ts';
import { type Step, touchedBy } from './touches.ts';

/** A chain of transformations; each thread keeps one for all conditions that have the same. */
export interface Change {
  readonly index: number;
  readonly step: Step | undefined;
  /** What is done before; undefined: it is the beginning, the text itself. */
  readonly before: Change | undefined;
  /** A text of the smallest alphabet stays one. */
  readonly keepsAlphabet: boolean;
  /** In such a text without any word that is looked for (see isBare) there is none afterwards. */
  readonly keepsWords: boolean;
  /** Kinds of characters of which a text must have one to be changed; undefined: any text may be. */
  readonly touches: Mask | undefined;
}

const opaque: ReadonlySet<Step> = new Set<Step>([
  'base64_decode',
  'hex_decode',
  'md5',
  'sha1',
  'sql_hex_decode',
  'url_encode',
]);
const joining: ReadonlySet<Step> = new Set<Step>(['hex_encode', 'length', 'remove_whitespace', ...opaque]);

/** All chains of a set of rules; those that begin alike share what they begin with. */
export interface Changes {
  of(steps: readonly Transform[], bytes: boolean): Change;
  /** Opens the texts of one run: nothing is changed twice. */
  open(): (change: Change, text: string) => string;
}

/** Opens a set of chains. */
export function openChanges(): Changes {
  const root: Change = {
    index: 0,
    step: undefined,
    before: undefined,
    keepsAlphabet: true,
    keepsWords: true,
    touches: noMask,
  };
  const all: Change[] = [root];
  const after = (before: Change, step: Step): Change => {
    const known = all.find((change) => change.before === before && change.step === step);
    if (known !== undefined) return known;
    const own = touchedBy(step);
    const made: Change = {
      index: all.length,
      step,
      before,
      keepsAlphabet: before.keepsAlphabet && !opaque.has(step),
      keepsWords: before.keepsWords && !joining.has(step),
      touches: own === undefined || before.touches === undefined ? undefined : joinedMask(before.touches, own),
    };
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
        const changed = known[index] ?? new Map<string, string>();
        known[index] = changed;
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
