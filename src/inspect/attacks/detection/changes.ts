import { joinedMask, type Mask, noMask } from '../gate/mask.ts';
import type { Transform } from '../rule.ts';
import { byteView } from '../transforms/bytes.ts';
import { transformations } from '../transforms/index.ts';
import { hexEncodeDigest } from '../transforms/percent.ts';
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
}

/** A text after a change. forms: what has been made of the same text before, by the index of the change; what is made is added. */
export function changed({ index, step, before }: Change, text: string, forms: (string | undefined)[]): string {
  if (step === undefined || before === undefined) return text;
  const known = forms[index];
  if (known !== undefined) return known;
  const input = changed(before, text, forms);
  const made = step === 'bytes' ? byteView(input) : changedBy(step, before.step, input);
  forms[index] = made;
  return made;
}

const changedBy = (step: Transform, before: Step | undefined, text: string): string =>
  step === 'hex_encode' && (before === 'md5' || before === 'sha1')
    ? hexEncodeDigest(text)
    : transformations[step](text);

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
  };
}
