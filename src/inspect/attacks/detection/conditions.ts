import { alphabets } from '../gate/alphabets.ts';
import type { Automaton } from '../gate/automaton.ts';
import { type Gate, openGate, patternGates } from '../gate/gate.ts';
import { type Mask, maskOfText, meets } from '../gate/mask.ts';
import { hasList, type Sight } from '../gate/scanner.ts';
import type { Collection, Condition, Operator } from '../rule.ts';
import type { Change, Changes } from './changes.ts';
import { type CheapTest, compileCheap } from './operators.ts';
import { isPlainId } from './plain-ids.ts';
import { compileSelect, type Select } from './select.ts';
import { compileTemplate, type Resolve } from './template.ts';

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
type Decision =
  | {
      readonly kind: 'probe';
      readonly probe: number;
      readonly pattern: string | undefined;
      /** What is known before the engine is asked. */
      readonly look: Automaton;
    }
  /** Having a word of the list is all that is asked. */
  | { readonly kind: 'words' }
  | { readonly kind: 'test'; readonly test: CheapTest };

/** A variable that is set for each text that satisfies a condition. */
interface Assignment {
  readonly name: (resolve: Resolve) => string;
  readonly value: (resolve: Resolve) => string;
  readonly adds: boolean;
}

/** A condition that is ready to be looked at. */
export interface CompiledCondition {
  readonly condition: Condition;
  readonly sources: readonly Source[];
  /** The texts that it looks at: one, or one for each stage. */
  readonly changes: readonly Change[];
  /** By the alphabet of the text; undefined: no such text satisfies it. */
  readonly needs: readonly (Need | undefined)[];
  readonly decision: Decision;
  readonly sets: readonly Assignment[];
  /** Only texts that have what it needs can satisfy it: it is no negation, and counts nothing. */
  readonly gated: boolean;
  /** A text of the smallest alphabet may satisfy it. */
  readonly takesPlain: boolean;
  /** Such a text may satisfy it without any word that is looked for. */
  readonly takesBare: boolean;
}

/** What conditions share: their chains of transformations, the words of their gates and the probes for the engine. */
export interface Shared {
  readonly changes: Changes;
  /** The index of a list of words for the scan. */
  list(words: readonly string[]): number;
  /** The index of a probe. all: every text that matches is wanted. */
  probe(operator: Extract<Operator, { kind: 'rx' | 'sqli' | 'xss' }>, all: boolean): number;
  /** A first look with a pattern; one for all conditions that have it. */
  automaton(pattern: string): Automaton;
}

const alwaysAsked: Automaton = () => 'perhaps';
const askedButOfIds: Automaton = (text) => (isPlainId(text) ? 'no' : 'perhaps');

const ascii = /^[^\0\u0080-\uffff]*$/;

/** Whether a text of some kinds of characters, all in one alphabet, may have what a condition needs. */
export function mayHave(
  needs: CompiledCondition['needs'],
  seen: Pick<Sight, 'alphabet' | 'signs' | 'others'>,
): boolean {
  const need = needs[seen.alphabet];
  if (need === undefined) return false;
  for (const mask of need.masks) if (!meets(mask, seen)) return false;
  return true;
}

/** Whether a text has what a condition needs. */
export function satisfies(needs: CompiledCondition['needs'], sight: Sight): boolean {
  if (!mayHave(needs, sight)) return false;
  for (const list of needs[sight.alphabet]?.lists ?? []) if (!hasList(sight, list)) return false;
  return true;
}

// Without a sign that opens a tag, or sets an attribute, there is no mark-up to break into.
const markup = maskOfText('<=');
// One word alone is no SQL.
const query = maskOfText(' \t\0!"#$%&\'()*+,-/:;<=>?@[\\]^`{|}~\u0100');

/** What a text must have, by its alphabet; undefined: no such text satisfies the operator. Plain data. */
export type Gates = readonly (Gate | undefined)[];

const known = new WeakMap<Operator, Gates>();

/** The gates of an operator, by alphabet: worked out once, however many sets of rules have it. */
export function gatesOf(operator: Operator): Gates {
  const before = known.get(operator);
  if (before !== undefined) return before;
  const gates = findGates(operator);
  known.set(operator, gates);
  return gates;
}

/** Takes the gates of an operator that were worked out elsewhere. */
export const takeGates = (operator: Operator, gates: Gates): void => void known.set(operator, gates);

function findGates(operator: Operator): Gates {
  switch (operator.kind) {
    case 'rx':
      return patternGates(operator.pattern, alphabets);
    case 'phrases': {
      const words = operator.phrases.map(asciiWord);
      return same(words.includes('') ? openGate : { words: [words], masks: [] });
    }
    case 'sqli':
    case 'sql_shape':
      return same({ words: [], masks: [query] });
    case 'xss':
    case 'html_shape':
      return same({ words: [], masks: [markup] });
    case 'byte_outside':
      return same({ words: [], masks: [maskOfText(outside(operator.ranges))] });
    default:
      return same(openGate);
  }
}

const same = (gate: Gate): Gates => alphabets.map(() => gate);

/** The longest part of a phrase that the scan can look for, in lower case. */
function asciiWord(phrase: string): string {
  const [longest = ''] = phrase.split(/[\0\u0080-\uffff]+/).toSorted((one, other) => other.length - one.length);
  return longest.toLowerCase();
}

/** Phrases beyond ASCII: what the scan has found of them must stand in the text as a whole. */
function phraseTest(phrases: readonly string[]): CheapTest {
  const lowered = phrases.map((phrase) => phrase.toLowerCase());
  return (text) => {
    const lower = text.toLowerCase();
    return lowered.some((phrase) => lower.includes(phrase));
  };
}

function decisionOf(operator: Operator, all: boolean, shared: Shared): Decision {
  switch (operator.kind) {
    case 'rx':
      return {
        kind: 'probe',
        probe: shared.probe(operator, all),
        pattern: operator.pattern,
        look: shared.automaton(operator.pattern),
      };
    case 'sqli':
    case 'xss': {
      const look = operator.kind === 'sqli' ? askedButOfIds : alwaysAsked;
      return { kind: 'probe', probe: shared.probe(operator, all), pattern: undefined, look };
    }
    case 'phrases':
      return operator.phrases.every((phrase) => ascii.test(phrase))
        ? { kind: 'words' }
        : { kind: 'test', test: phraseTest(operator.phrases) };
    default:
      // The kinds above are the ones without a test of their own.
      return { kind: 'test', test: compileCheap(operator) as CheapTest };
  }
}

/** The characters that may be a byte outside of ranges; one beyond ASCII stands for all. */
function outside(ranges: readonly (readonly [number, number])[]): string {
  const codes = Array.from({ length: 256 }, (_, code) => code);
  const left = codes.filter((code) => !ranges.some(([first, last]) => code >= first && code <= last));
  return String.fromCharCode(...left);
}

const searches: ReadonlySet<Operator['kind']> = new Set([
  'rx',
  'phrases',
  'sqli',
  'xss',
  'sql_shape',
  'html_shape',
  'byte_outside',
]);
const evaluationsOwn: ReadonlySet<Collection> = new Set<Collection>([
  'tx',
  'matched_var',
  'matched_var_name',
  'matched_vars',
  'matched_vars_names',
]);

const plainKinds = maskOfText('azAZ09_.:@- ');

const namesBytes = /\\x[89a-fA-F][0-9a-fA-F]|\\x\{[89a-fA-F][0-9a-fA-F]\}/;

/** Compiles a condition. all: every text that satisfies it is wanted, not only one; throws where a name's pattern is none. */
export function compileCondition(condition: Condition, all: boolean, shared: Shared): CompiledCondition {
  const { targets, transforms, everyStage, operator, negated, sets = [] } = condition;
  const bytes = operator.kind === 'rx' && namesBytes.test(operator.pattern);
  const changes = everyStage
    ? [0, ...transforms.keys().map((index) => index + 1)].map((end) =>
        shared.changes.of(transforms.slice(0, end), bytes),
      )
    : [shared.changes.of(transforms, bytes)];
  const needs = gatesOf(operator).map((gate): Need | undefined =>
    gate === undefined ? undefined : { lists: gate.words.map((words) => shared.list(words)), masks: gate.masks },
  );
  const [plain] = needs;
  const takesPlain =
    !changes.every(({ keepsAlphabet }) => keepsAlphabet) ||
    (plain?.masks.every((mask) => meets(mask, plainKinds)) ?? false);
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
    needs,
    decision: decisionOf(operator, all, shared),
    sets: sets.map(({ name, value, adds }) => ({ name: compileTemplate(name), value: compileTemplate(value), adds })),
    gated,
    takesPlain,
    takesBare: takesPlain && (!changes.every(({ keepsWords }) => keepsWords) || plain?.lists.length === 0),
  };
}

const bareText = /^[A-Za-z0-9_.:@-]*(?: [A-Za-z0-9_.:@-]+)*$/;

/** Whether a text of the smallest alphabet is without any word that is looked for, now and after any steady change. */
export const isBare = (text: string, { lists }: Sight): boolean =>
  lists.every((bits) => bits === 0) && bareText.test(text) && !text.includes('--');
