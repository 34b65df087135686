import type { CompiledProbes, Hit, Probe, RuleEngine } from '../engine.ts';
import { anchorsOf } from './anchors.ts';
import { openCosts } from './costs.ts';
import { nativeEngine } from './native.ts';
import { compileTest, type Test } from './script.ts';
import { windowsOf } from './windows.ts';

// Where a text was cut, a pattern may take the cut for the end of a word.
const mayBound = /\\[bB]/;
const leastMeasured = 256;
// A call of the library costs more the more rules its handle has.
const mostInHandle = 24;
/** The time that this thread has had of a processor, in microseconds: waiting for one says nothing of what a pattern costs. */
function spentUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** Where a probe is in native code: the handle, and its index there. */
interface Native {
  readonly handle: CompiledProbes;
  readonly probe: number;
}

/** What one run may still spend on patterns that are not ready in JavaScript: one of them takes up to tens of milliseconds. */
interface Allowance {
  compilations: number;
}

/** A probe that looks at one text; undefined: the time is spent. */
type Look = (text: string, endMs: number, allowance: Allowance) => boolean | undefined;

/** Puts probes into handles: what is no pattern into one of its own, which nearly every request asks. */
function openHandles(probes: readonly Probe[]): {
  readonly natives: readonly (Native | undefined)[];
  readonly handles: readonly CompiledProbes[];
  readonly problems: ReadonlyMap<number, string>;
} {
  const all = probes.map((probe, index) => ({ probe, index }));
  const [patterns, others] = [true, false].map((rx) =>
    all.filter(({ probe }) => (probe.operator.kind === 'rx') === rx),
  );
  const groups = [others ?? []];
  for (let at = 0; at < (patterns?.length ?? 0); at += mostInHandle)
    groups.push(patterns?.slice(at, at + mostInHandle) ?? []);
  const natives: (Native | undefined)[] = probes.map(() => undefined);
  const problems = new Map<number, string>();
  const handles = groups.map((group) => {
    const { compiled, problems: own } = nativeEngine.compile(group.map(({ probe }) => probe));
    for (const [at, { index }] of group.entries()) {
      natives[index] = { handle: compiled, probe: at };
      const problem = own.get(at);
      if (problem !== undefined) problems.set(index, problem);
    }
    return compiled;
  });
  return { natives, handles, problems };
}

// A pattern that is hardly ever asked need not be ready.
const asksBefore = 2;
// What it costs to make one ready, in microseconds for a character of it.
const compilationUs = 4;

/** Looks with a pattern in whichever way has proven cheaper for it. */
function lookOf(pattern: string, { handle, probe }: Native): Look {
  const costs = openCosts();
  const { start, end } = anchorsOf(pattern);
  const bounded = mayBound.test(pattern);
  let asks = 0;
  let compiled: Test | undefined;
  let refused = false;
  const prepare = (): void => {
    if (compiled !== undefined || refused) return;
    try {
      compiled = compileTest({ kind: 'rx', pattern });
    } catch {
      refused = true;
    }
  };
  const test: Test = (text) => {
    prepare();
    // Native code has taken the pattern; where JavaScript does not, nothing is let through on its word.
    return compiled === undefined || compiled(text);
  };
  const isReady = (length: number, allowance: Allowance): boolean => {
    if (compiled !== undefined || refused) return !refused;
    const pays = costs.native(length) > pattern.length * compilationUs;
    if (!pays && (asks <= asksBefore || allowance.compilations === 0)) return false;
    if (!pays) allowance.compilations -= 1;
    prepare();
    return compiled !== undefined;
  };
  const inScript = (text: string): boolean => {
    // Of short texts there is little to learn, and the clock would cost more than they do.
    if (text.length < leastMeasured) return test(text);
    const startedUs = spentUs();
    const found = test(text);
    costs.learn('script', text.length, spentUs() - startedUs);
    return found;
  };
  const inNative = (texts: readonly string[], endMs: number): boolean | undefined => {
    const startedUs = spentUs();
    const looks = [{ probe, texts: [...texts.keys()] }];
    const { hits, complete } = handle.run(texts, looks, endMs - performance.now());
    const length = texts.reduce((sum, text) => sum + text.length, 0);
    if (hits.length > 0) return true;
    costs.learn('native', length, spentUs() - startedUs);
    return complete ? false : undefined;
  };
  return (text, endMs, allowance) => {
    const pieces = windowsOf(text);
    asks += 1;
    // Where both ends of a text are asked for, no piece of it holds the match.
    if (pieces.length > 1 && start && end) return performance.now() > endMs ? undefined : test(text);
    let step = 1;
    for (let at = 0; at < pieces.length; ) {
      if (performance.now() > endMs) return undefined;
      const taken = pieces.slice(at, at + step);
      const [piece = ''] = taken;
      const length = pieces.length > 1 ? text.length : piece.length;
      const script = isReady(length, allowance) && costs.cheaper(length) === 'script';
      const found = script ? inScript(piece) : inNative(taken, endMs);
      // A cut may have been taken for an end.
      if (found === true) return pieces.length === 1 || !(start || end || bounded) || test(text);
      if (found === undefined) return undefined;
      at += script ? 1 : taken.length;
      step *= 2;
    }
    return false;
  };
}

function runnerOf(probes: readonly Probe[], natives: readonly (Native | undefined)[]): CompiledProbes['run'] {
  const looksOfProbes = probes.map(({ operator }, index) => {
    const native = natives[index];
    return operator.kind === 'rx' && native !== undefined ? lookOf(operator.pattern, native) : undefined;
  });
  const injections = natives.find((_, index) => looksOfProbes[index] === undefined)?.handle;

  return (texts, looks, budgetMs) => {
    const endMs = performance.now() + budgetMs;
    const allowance: Allowance = { compilations: 1 };
    const hits: Hit[] = [];
    const [own, theirs] = [true, false].map((rx) =>
      looks.filter(({ probe }) => (looksOfProbes[probe] !== undefined) === rx),
    );
    for (const { probe, texts: seen } of own ?? []) {
      for (const text of seen) {
        const found = looksOfProbes[probe]?.(texts[text] ?? '', endMs, allowance);
        if (found === undefined) return { hits, complete: false };
        if (!found) continue;
        hits.push({ probe, text });
        if (probes[probe]?.all !== true) break;
      }
    }
    if (injections === undefined || theirs === undefined || theirs.length === 0) return { hits, complete: true };
    const renamed = theirs.map(({ probe, texts: seen }) => ({ probe: natives[probe]?.probe ?? 0, texts: seen }));
    const run = injections.run(texts, renamed, endMs - performance.now());
    const nameOf = new Map(theirs.map(({ probe }) => [natives[probe]?.probe ?? 0, probe]));
    for (const { probe, text } of run.hits) hits.push({ probe: nameOf.get(probe) ?? 0, text });
    return { hits, complete: run.complete };
  };
}

/**
 * Native code beside JavaScript: libinjection in native code; each pattern in whichever way is the cheaper for it. RE2 in
 * JavaScript keeps the states that it has met and needs no call across, RE2 in native code is faster on long texts of some
 * patterns.
 */
export const mixedEngine: RuleEngine = Object.freeze({
  name: 'mixed',
  unavailable: nativeEngine.unavailable,
  compile: (probes) => {
    const { natives, handles, problems } = openHandles(probes);
    const close = (): void => {
      for (const handle of handles) handle.close();
    };
    return { compiled: { run: runnerOf(probes, natives), close }, problems };
  },
} satisfies RuleEngine);
