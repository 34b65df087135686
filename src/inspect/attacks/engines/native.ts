import { createRequire } from 'node:module';
import type { DDWAF, DDWAFContext } from '@datadog/native-appsec';
import type { CompiledProbes, Hit, Probe, ProbeOperator, RuleEngine } from '../engine.ts';
import { allSteps } from '../gate/steps.ts';
import { anchorsOf } from './anchors.ts';
import { compileInHandles } from './handles.ts';
import { inNativeCode } from './native-code.ts';
import { compileTest, type Test } from './script.ts';
import { windowsOf } from './windows.ts';

// The library looks at 256 members of a container and no more.
const mostItems = 250;
// A call cannot be broken off within a text, and nobody waits long for one: so much text it looks at, counted for each probe.
const mostLength = 64 * 1024;
// It tells of one text for each rule, so that those behind it are looked at again, in small steps.
const itemsAfterHit = 16;
// Where a text was cut, a pattern may take the cut for an end, or for the end of a word.
const mayBound = /\\[bB]/;

type Library = { readonly DDWAF: typeof DDWAF };

let library: Library | undefined;
let problem: string | undefined;

/** Loaded once, and only where something is searched for. */
function load(): Library | undefined {
  if (library !== undefined || problem !== undefined) return library;
  try {
    // The package's own types name what it exports.
    const require = createRequire(import.meta.url);
    library = inNativeCode(() => require('@datadog/native-appsec') as Library);
  } catch (error) {
    problem = `@datadog/native-appsec cannot be loaded (${error instanceof Error ? error.message.split('\n')[0] : 'unknown'})`;
  }
  return library;
}

const addressOf = (probe: number): string => `p${probe}`;

function operatorOf(operator: ProbeOperator, inputs: readonly object[]): object {
  switch (operator.kind) {
    case 'rx':
      return {
        operator: 'match_regex',
        parameters: { inputs, regex: operator.pattern, options: { case_sensitive: true, min_length: 0 } },
      };
    case 'sqli':
    case 'xss':
      return { operator: `is_${operator.kind}`, parameters: { inputs } };
    default:
      return operator satisfies never;
  }
}

// A type of its own for each rule: after a match the library leaves out all rules of the same type.
const ruleOf = ({ operator }: Probe, index: number): object => ({
  id: String(index),
  name: 'probe',
  tags: { type: addressOf(index), category: 'probe' },
  conditions: [operatorOf(operator, [{ address: addressOf(index) }])],
  transformers: [],
});

function problemsOf(diagnostics: DDWAF['diagnostics']): ReadonlyMap<number, string> {
  const { rules } = diagnostics;
  const problems = new Map<number, string>();
  if (rules === undefined || 'error' in rules) return problems;
  for (const [message, ids] of Object.entries(rules.errors)) for (const id of ids) problems.set(Number(id), message);
  for (const id of rules.failed) if (!problems.has(Number(id))) problems.set(Number(id), 'refused');
  return problems;
}

/** A piece of a text, as one item of what the library gets. */
interface Item {
  readonly piece: string;
  readonly text: number;
  /** The text is longer than the piece. */
  readonly cut: boolean;
}

/** How far one probe has come. */
interface Progress {
  readonly probe: number;
  readonly items: readonly Item[];
  next: number;
  taken: number;
  step: number;
}

interface Seen {
  readonly probe: number;
  readonly item: number;
}

interface Match {
  readonly rule: { readonly id: string };
  readonly rule_matches: readonly { readonly parameters: readonly { readonly key_path: readonly string[] }[] }[];
}

// The shape of libddwaf's events (its schema/events.json).
const seenIn = (events: readonly object[] | undefined): readonly Seen[] =>
  ((events ?? []) as readonly Match[]).map(({ rule, rule_matches: matches }) => ({
    probe: Number(rule.id),
    item: Number(matches[0]?.parameters[0]?.key_path[0] ?? 0),
  }));

/** Tests one probe on one text outside of the library; each is compiled when it is first needed. */
function lateTests(probes: readonly Probe[]): (probe: number, text: string) => boolean {
  const tests = new Map<number, Test>();
  return (probe, text) => {
    const given = probes[probe];
    if (given === undefined) return false;
    const test = tests.get(probe) ?? compileOr(given, always);
    tests.set(probe, test);
    return test(text);
  };
}

const always: Test = () => true;

// The library has taken the pattern; where the other engine would not, nothing is let through on its word.
function compileOr({ operator }: Probe, otherwise: Test): Test {
  try {
    return compileTest(operator);
  } catch {
    return otherwise;
  }
}

type Payload = Record<string, readonly string[]>;

/** Takes what is to be looked at in one call out of what is left. */
function takeRound(open: Progress[]): { readonly round: readonly Progress[]; readonly payload: Payload } {
  const payload: Payload = {};
  let [asked, length] = [0, 0];
  for (const each of open) {
    if (asked >= mostItems || length >= mostLength) break;
    const pieces: string[] = [];
    for (const { piece } of each.items.slice(each.next, each.next + each.step)) {
      if (length >= mostLength) break;
      length += piece.length;
      pieces.push(piece);
    }
    each.taken = pieces.length;
    payload[addressOf(each.probe)] = pieces;
    asked += 1;
  }
  return { round: open.splice(0, asked), payload };
}

const ask = (waf: DDWAF, payload: Payload, mostUs: number): ReturnType<DDWAFContext['run']> =>
  inNativeCode(() => {
    const context = waf.createContext();
    const result = context.run({ persistent: payload }, mostUs);
    context.dispose();
    return result;
  });

/** Runs probes over texts in rounds, each one call of the library. */
function runnerOf(waf: DDWAF, probes: readonly Probe[]): CompiledProbes['run'] {
  const anchors = probes.map(({ operator }) => {
    const { start, end } = anchorsOf(operator.kind === 'rx' ? operator.pattern : '');
    const bounded = operator.kind === 'rx' && mayBound.test(operator.pattern);
    return { some: start || end || bounded, both: start && end };
  });
  const whole = lateTests(probes);

  return (texts, looks, budgetMs) => {
    const endMs = performance.now() + budgetMs;
    const pieces = new Map<number, readonly Item[]>();
    const itemsOf = (text: number): readonly Item[] => {
      const known = pieces.get(text);
      if (known !== undefined) return known;
      const windows = windowsOf(texts[text] ?? '');
      const items = windows.map((piece) => ({ piece, text, cut: windows.length > 1 }));
      pieces.set(text, items);
      return items;
    };
    const hits: Hit[] = [];
    const open: Progress[] = [];
    for (const { probe, texts: seen } of looks) {
      const items: Item[] = [];
      for (const text of seen) {
        const own = itemsOf(text);
        // The library does not look at a text of no length, and no piece of a text has both of its ends.
        const apart = texts[text] === '' || (own.length > 1 && anchors[probe]?.both === true);
        if (!apart) items.push(...own);
        else if (whole(probe, texts[text] ?? '')) hits.push({ probe, text });
      }
      if (items.length > 0) open.push({ probe, items, next: 0, taken: 0, step: mostItems });
    }

    while (open.length > 0) {
      const { round, payload } = takeRound(open);
      const remainingUs = Math.floor((endMs - performance.now()) * 1000);
      if (remainingUs <= 0) return { hits, complete: false };
      const result = ask(waf, payload, remainingUs);
      const cutOff = result.metrics !== undefined && Object.keys(result.metrics).length > 0;
      const seen = new Map(seenIn(result.events).map(({ probe, item }) => [probe, item]));
      if (cutOff || result.timeout || (result.errorCode ?? 0) !== 0) return { hits, complete: false };
      for (const each of round) if (advance(each, seen.get(each.probe))) open.push(each);
    }
    return { hits, complete: true };

    /** Takes in what a round said of a probe; false when nothing is left for it to look at. */
    function advance(each: Progress, at: number | undefined): boolean {
      const { probe, items } = each;
      const item = at === undefined ? undefined : items[each.next + at];
      if (at === undefined || item === undefined) {
        each.next += each.taken;
        return each.next < items.length;
      }
      each.next += at + 1;
      each.step = itemsAfterHit;
      if (!item.cut || anchors[probe]?.some !== true || whole(probe, texts[item.text] ?? '')) {
        hits.push({ probe, text: item.text });
        if (probes[probe]?.all !== true) return false;
        while (items[each.next]?.text === item.text) each.next += 1;
      }
      return each.next < items.length;
    }
  };
}

const nothing: CompiledProbes = { run: () => ({ hits: [], complete: true }), close: () => {} };

/** Compiles probes into one handle of the library. */
function compileHandle(probes: readonly Probe[]): ReturnType<RuleEngine['compile']> {
  const loaded = load();
  if (loaded === undefined) throw new Error(problem);
  // It refuses a set in which nothing is right, an empty one too.
  const waf = openWaf(loaded, probes);
  if (waf === undefined) return { compiled: nothing, problems: new Map(probes.map((_, index) => [index, 'refused'])) };
  return {
    compiled: { run: runnerOf(waf, probes), close: () => inNativeCode(() => waf.dispose()) },
    problems: problemsOf(inNativeCode(() => waf.diagnostics)),
  };
}

/** libddwaf: RE2 and libinjection in native code, for Linux, macOS and Windows on the usual processors. */
export const nativeEngine: RuleEngine = Object.freeze({
  name: 'native',
  unavailable: () => (load() === undefined ? problem : undefined),
  compile: (probes) => allSteps(compileInHandles(compileHandle, probes)),
  compileSteps: (probes) => compileInHandles(compileHandle, probes),
} satisfies RuleEngine);

function openWaf({ DDWAF: Waf }: Library, probes: readonly Probe[]): DDWAF | undefined {
  try {
    const rules = probes.map(ruleOf);
    return inNativeCode(() => new Waf({ version: '2.2', rules }, 'probes'));
  } catch {
    return undefined;
  }
}
