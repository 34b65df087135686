import type { Attributes, NormalRequest } from '../../src/core/attributes.ts';
import { silentContext } from '../../src/core/build.ts';
import { buildGuard } from '../../src/guard/index.ts';
import { noFeeds } from '../support/feeds.ts';
import type { Case } from './cases.ts';
import type { Bench } from './judge.ts';
import { attributesOf } from './request.ts';

/** What became of the expectations of one test. */
export interface Outcome {
  readonly test: Case;
  /** Why it was not judged: Envoy never asks about such a request, or the test is about something else. */
  readonly apart?: string;
  /** Why the body is refused before any rule sees it. */
  readonly refused?: string;
  /** Rules that had to match and did not. */
  readonly missed: readonly string[];
  /** Rules that must not match and did. */
  readonly wrong: readonly string[];
}

/** Tests that state what is particular to another server. */
const particular: ReadonlyMap<string, string> = new Map([
  ['920620-1', 'Apache joins two headers of one name; Envoy keeps them apart, and the rule is right to match'],
]);

/** Rules about headers that Envoy keeps to itself: it speaks to the next hop by its own. */
const hopByHop: ReadonlySet<string> = new Set(['920171', '920181', '920210']);

/** Rules that are not loaded, and why; the first that fits. */
const unloadedReasons: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^95\d{4}$/, 'a rule for responses'],
  [/^949\d{3}$/, 'a rule that adds up scores, which the evaluation does itself'],
];

const { guard } = buildGuard({}, silentContext, noFeeds);

function normalized(attributes: Attributes): NormalRequest | string {
  const verdict = guard(attributes, () => {});
  if (verdict.kind === 'pass') return verdict.value;
  return 'reason' in verdict ? verdict.reason : verdict.kind;
}

function apartFrom({ name, asksOtherThings, fires, silent }: Case, loaded: ReadonlySet<string>): string | undefined {
  const ids = [...fires, ...silent];
  const unloaded = ids.find((id) => !loaded.has(id));
  if (asksOtherThings) return 'it asks of a status or of words in a log';
  if (unloaded !== undefined) {
    return unloadedReasons.find(([pattern]) => pattern.test(unloaded))?.[1] ?? `${unloaded} is no rule of this version`;
  }
  if (ids.some((id) => hopByHop.has(id))) return 'a header that Envoy keeps to itself';
  return particular.get(name);
}

function runCase(test: Case, { judge, loaded }: Bench): Outcome {
  const nothing = { test, missed: [], wrong: [] };
  const apart = apartFrom(test, loaded);
  if (apart !== undefined) return { ...nothing, apart };
  const attributes = attributesOf(test.input);
  if (typeof attributes === 'string') return { ...nothing, apart: `Envoy answers it: ${attributes}` };
  const request = normalized(attributes);
  if (typeof request === 'string') return { ...nothing, apart: `the guard refuses it: ${request}` };
  const ids = judge(request);
  if (typeof ids === 'string') return { ...nothing, refused: ids };
  const missed = test.fires.filter((id) => !ids.has(id));
  return { test, missed, wrong: test.silent.filter((id) => ids.has(id)) };
}

/** Runs tests. */
export const runAll = (tests: readonly Case[], bench: Bench): readonly Outcome[] =>
  tests.map((test) => runCase(test, bench));

/** Counts of expectations; those of tests that are apart or refused are in none but their own. */
export interface Figures {
  readonly mustFire: number;
  readonly fired: number;
  readonly mustNot: number;
  readonly wrong: number;
  /** Tests whose body is refused before any rule sees it. */
  readonly refused: number;
  readonly apart: number;
}

/** Counts outcomes. */
export function figuresOf(outcomes: readonly Outcome[]): Figures {
  const judged = outcomes.filter(({ apart, refused }) => apart === undefined && refused === undefined);
  const sum = (count: (outcome: Outcome) => number): number => judged.reduce((total, one) => total + count(one), 0);
  const mustFire = sum(({ test }) => test.fires.length);
  return {
    mustFire,
    fired: mustFire - sum(({ missed }) => missed.length),
    mustNot: sum(({ test }) => test.silent.length),
    wrong: sum(({ wrong }) => wrong.length),
    refused: outcomes.filter(({ refused }) => refused !== undefined).length,
    apart: outcomes.filter(({ apart }) => apart !== undefined).length,
  };
}
