import { type Gate, openGate, patternGate } from '../gate/gate.ts';
import { type Mask, maskOfText } from '../gate/mask.ts';
import { hasList, type Sight } from '../gate/scanner.ts';
import type { Collection, Condition, Operator } from '../rule.ts';
import type { Change, Changes } from './changes.ts';
import { type CheapTest, compileCheap } from './operators.ts';
import { compileSelect, type Select } from './select.ts';

/** One target of a condition. */
export interface Source {
  readonly collection: Collection;
  readonly select: Select | undefined;
  readonly counted: boolean;
}

/** What a text must have to be worth a look, in the numbers of a scan. */
interface Need {
  readonly lists: readonly number[];
  readonly masks: readonly Mask[];
}

/** How a condition is decided on one text that has what it needs. */
export type Decision =
  | { readonly kind: 'probe'; readonly probe: number; readonly pattern: string | undefined }
  /** Having a word of the list is all that is asked. */
  | { readonly kind: 'words' }
  | { readonly kind: 'test'; readonly test: CheapTest };

/** A condition that is ready to be looked at. */
export interface CompiledCondition {
  readonly condition: Condition;
  readonly sources: readonly Source[];
  /** The texts that it looks at: one, or one for each stage. */
  readonly changes: readonly Change[];
  readonly need: Need;
  readonly decision: Decision;
  /** Only texts that have what it needs can satisfy it: it is no negation, and counts nothing. */
  readonly gated: boolean;
  /** An ordinary text may satisfy it too (see isPlain). */
  readonly takesPlain: boolean;
}

/** What conditions share: their chains of transformations, the words of their gates and the probes for the engine. */
export interface Shared {
  readonly changes: Changes;
  /** The index of a list of words for the scan. */
  list(words: readonly string[]): number;
  /** The index of a probe. all: every text that matches is wanted. */
  probe(operator: Extract<Operator, { kind: 'rx' | 'sqli' | 'xss' }>, all: boolean): number;
}

const ascii = /^[\x01-\x7f]*$/;

/** Whether a text has what a condition needs. */
export function satisfies({ lists, masks }: Need, sight: Sight): boolean {
  for (const { signs, others } of masks) if ((sight.signs & signs) === 0 && (sight.others & others) === 0) return false;
  for (const list of lists) if (!hasList(sight, list)) return false;
  return true;
}

// Without a sign that opens a tag, or sets an attribute, there is no mark-up to break into.
const markup = maskOfText('<=');
// One word alone is no SQL.
const query = maskOfText(' \t\0!"#$%&\'()*+,-/:;<=>?@[\\]^`{|}~\u0100');

function gateOf(operator: Operator): Gate {
  switch (operator.kind) {
    case 'rx':
      return patternGate(operator.pattern);
    case 'phrases': {
      const plain = operator.phrases.every((phrase) => ascii.test(phrase));
      return plain ? { words: [operator.phrases.map((phrase) => phrase.toLowerCase())], masks: [] } : openGate;
    }
    case 'sqli':
    case 'sql_shape':
      return { words: [], masks: [query] };
    case 'xss':
    case 'html_shape':
      return { words: [], masks: [markup] };
    default:
      return openGate;
  }
}

/** Phrases beyond ASCII are not for the scan: they are looked for one by one. */
const phraseTest =
  (phrases: readonly string[]): CheapTest =>
  (text) => {
    const lower = text.toLowerCase();
    return phrases.some((phrase) => lower.includes(phrase.toLowerCase()));
  };

function decisionOf(operator: Operator, all: boolean, gate: Gate, shared: Shared): Decision {
  switch (operator.kind) {
    case 'rx':
      return { kind: 'probe', probe: shared.probe(operator, all), pattern: operator.pattern };
    case 'sqli':
    case 'xss':
      return { kind: 'probe', probe: shared.probe(operator, all), pattern: undefined };
    case 'phrases':
      return gate === openGate ? { kind: 'test', test: phraseTest(operator.phrases) } : { kind: 'words' };
    default:
      // The kinds above are the ones without a test of their own.
      return { kind: 'test', test: compileCheap(operator) as CheapTest };
  }
}

const searches: ReadonlySet<Operator['kind']> = new Set(['rx', 'phrases', 'sqli', 'xss', 'sql_shape', 'html_shape']);
const evaluationsOwn: ReadonlySet<Collection> = new Set<Collection>([
  'tx',
  'matched_var',
  'matched_var_name',
  'matched_vars',
  'matched_vars_names',
]);

// The kinds of characters of a plain text, without signs that could be a mask of their own.
const plain = maskOfText('azAZ09_.:@- ');

const meets = (mask: Mask): boolean => (mask.signs & plain.signs) !== 0 || (mask.others & plain.others) !== 0;

const namesBytes = /\\x[89a-fA-F][0-9a-fA-F]|\\x\{[89a-fA-F][0-9a-fA-F]\}/;

/** Compiles a condition. all: every text that satisfies it is wanted, not only one; throws where a name's pattern is none. */
export function compileCondition(condition: Condition, all: boolean, shared: Shared): CompiledCondition {
  const { targets, transforms, everyStage, operator, negated } = condition;
  const gate = gateOf(operator);
  const need: Need = { lists: gate.words.map((words) => shared.list(words)), masks: gate.masks };
  const bytes = operator.kind === 'rx' && namesBytes.test(operator.pattern);
  const changes = everyStage
    ? transforms.reduce<Change[]>(
        (stages, _, index) => [...stages, shared.changes.of(transforms.slice(0, index + 1), bytes)],
        [shared.changes.of([], bytes)],
      )
    : [shared.changes.of(transforms, bytes)];
  const sources = targets.map(({ collection, only, except, counted }) => ({
    collection,
    select: compileSelect({ only, except }),
    counted,
  }));
  const gated =
    !negated &&
    searches.has(operator.kind) &&
    sources.every(({ collection, counted }) => !counted && !evaluationsOwn.has(collection));
  return {
    condition,
    sources,
    changes,
    need,
    decision: decisionOf(operator, all, gate, shared),
    gated,
    takesPlain: !changes.every(({ keepsPlain }) => keepsPlain) || (need.lists.length === 0 && need.masks.every(meets)),
  };
}

const plainText = /^[A-Za-z0-9_.:@-]*(?: [A-Za-z0-9_.:@-]+)*$/;
const mostPlain = 64;

/** Whether a text is ordinary: short, of letters, digits and a few harmless signs, and without any word of a gate. */
export const isPlain = (text: string, sight: Sight): boolean =>
  text.length <= mostPlain &&
  ((sight.signs & ~plain.signs) | (sight.others & ~plain.others)) === 0 &&
  sight.lists.every((bits) => bits === 0) &&
  plainText.test(text) &&
  !text.includes('--');
