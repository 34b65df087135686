import { isSqli } from '../detectors/sqli.ts';
import { isXss } from '../detectors/xss.ts';
import type { Compilation, CompiledProbes, Hit, Probe, ProbeOperator, RuleEngine } from '../engine.ts';
import { allSteps } from '../gate/steps.ts';
import { boundedPattern } from './bounded-pattern.ts';

/** Whether a text matches. */
export type Test = (text: string) => boolean;

const never: Test = () => false;

/** One probe as a function; throws where its pattern is none. */
export function compileTest(operator: ProbeOperator): Test {
  switch (operator.kind) {
    case 'rx': {
      const pattern = boundedPattern(operator.pattern);
      return (text) => pattern.test(text);
    }
    case 'sqli':
      return isSqli;
    case 'xss':
      return isXss;
    default:
      return operator satisfies never;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function runnerOf(tests: readonly Test[], all: readonly boolean[]): CompiledProbes['run'] {
  return (texts, looks, budgetMs) => {
    const endMs = performance.now() + budgetMs;
    const hits: Hit[] = [];
    for (const { probe, texts: seen } of looks) {
      const test = tests[probe] ?? never;
      for (const text of seen) {
        if (performance.now() > endMs) return { hits, complete: false };
        if (!test(texts[text] ?? '')) continue;
        hits.push({ probe, text });
        if (all[probe] !== true) break;
      }
    }
    return { hits, complete: true };
  };
}

function* compileSteps(probes: readonly Probe[]): Generator<void, Compilation> {
  const problems = new Map<number, string>();
  const tests: Test[] = [];
  for (const [index, { operator }] of probes.entries()) {
    try {
      tests.push(compileTest(operator));
    } catch (error) {
      problems.set(index, messageOf(error));
      tests.push(never);
    }
    yield;
  }
  const run = runnerOf(
    tests,
    probes.map(({ all }) => all),
  );
  return { compiled: { run, close: () => {} }, problems };
}

/** Everything in JavaScript: re2js, one pattern at a time, and our own detectors. Runs everywhere. */
export const scriptEngine: RuleEngine = Object.freeze({
  name: 'script',
  unavailable: () => undefined,
  compile: (probes) => allSteps(compileSteps(probes)),
  compileSteps,
} satisfies RuleEngine);
