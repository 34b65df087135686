// node test/crs/main.ts [native|script] [TEST…]: the Core Rule Set's own regression tests, by file; of the tests that are
// named, all that was found.
import { coreRuleSet } from '../support/core-rule-set.ts';
import { readCases } from './cases.ts';
import { openBench } from './judge.ts';
import { figuresOf, type Outcome, runAll } from './run.ts';

const percent = (part: number, whole: number): string => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(2)} %`);

const row = (name: string, outcomes: readonly Outcome[]): Readonly<Record<string, string | number>> => {
  const { mustFire, fired, mustNot, wrong, refused, apart } = figuresOf(outcomes);
  return {
    file: name,
    'must fire': mustFire,
    fired: percent(fired, mustFire),
    'must not': mustNot,
    did: percent(wrong, mustNot),
    refused,
    apart,
  };
};

/** Tests by a reason, the most frequent first. */
function printReasons(
  title: string,
  outcomes: readonly Outcome[],
  reasonOf: (outcome: Outcome) => string | undefined,
): void {
  const groups = Map.groupBy(outcomes, reasonOf);
  groups.delete(undefined);
  console.log(`\n${title}`);
  for (const [reason, group] of [...groups].toSorted(([, a], [, b]) => b.length - a.length)) {
    const names = group.map(({ test }) => test.name);
    console.log(
      `  ${String(group.length).padStart(4)}  ${reason}: ${names.slice(0, 8).join(' ')}${names.length > 8 ? ' …' : ''}`,
    );
  }
}

const args = process.argv.slice(2);
const engine = args.includes('script') ? 'script' : args.includes('native') ? 'native' : 'auto';
const named = new Set(args.filter((arg) => /^\d/.test(arg)));
const set = await coreRuleSet();
if (typeof set === 'string') {
  console.error(`nothing was run: ${set}`);
  process.exit(1);
}
const startedMs = performance.now();
const bench = openBench(set, engine);
const compiledMs = performance.now();
const outcomes = runAll(readCases(set.tests), bench);
const endedMs = performance.now();
bench.close();

const groups = Map.groupBy(outcomes, ({ test }) => test.group);
console.table([...groups].map(([name, group]) => row(name, group)).concat(row(`CRS ${set.version}`, outcomes)));
printReasons('Refused before any rule sees it', outcomes, ({ refused }) => refused);
printReasons('Apart', outcomes, ({ apart }) => apart);
printReasons('Missed', outcomes, ({ missed }) => missed[0]);
printReasons('Wrong', outcomes, ({ wrong }) => wrong[0]);
for (const { test, ...outcome } of outcomes.filter(({ test: { name } }) => named.has(name))) {
  console.log(`\n${test.name} ${test.description}`, test.input, outcome);
}
console.log(`\ncompiled in ${Math.round(compiledMs - startedMs)} ms, run in ${Math.round(endedMs - compiledMs)} ms`);
