// What a search for attacks costs.
// node test/bench/inspection.ts; with the Core Rule Set where Go is present.
import type { Subject } from '../../src/core/plan.ts';
import type { ProtectOptions } from '../../src/inspect/attacks/options.ts';
import { buildInspection, openPool } from '../../src/inspect/index.ts';
import { coreRuleSet, textsOf } from '../support/core-rule-set.ts';
import { buildHere } from '../support/inspection.ts';
import { recordIssues } from '../support/recording-context.ts';
import { aSubject, type RequestSketch } from '../support/requests.ts';

const set = await coreRuleSet();
const { context } = recordIssues(typeof set === 'string' ? {} : textsOf(set));

/** Ten ordinary parameters; their values differ from call to call. */
const parametersOf = (call: number): readonly string[] => [
  `page=${call}`,
  'limit=50',
  'sort=created_at',
  'order=desc',
  `customer=a3f1c2d4-5b6e-4f70-8a9b-${(call * 7919).toString(16).padStart(12, '0')}`,
  'status=open',
  `q=blue+running+shoes+${call % 977}`,
  `from=20${10 + (call % 90)}-01-01`,
  `to=20${10 + (call % 90)}-02-${10 + (call % 18)}`,
  `name=Jane+Smith${call % 499}`,
];
const browser = {
  host: 'api.example.com',
  accept: 'application/json, text/plain, */*',
  'accept-language': 'en-GB,en;q=0.9,de;q=0.8',
  'accept-encoding': 'gzip, deflate, br',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36',
  referer: 'https://shop.example.com/customers?page=1',
};
const sentence =
  'We moved the meeting to Thursday, because half of the team (the one in Lisbon) is still travelling; bring notes! ';
const proseOf = (call: number): string =>
  JSON.stringify({
    subject: `Thursday ${call}`,
    text: `${call} ${sentence.repeat(9)}`.slice(0, 960),
    tags: ['team', 'notes'],
  });
const seeds = [
  "'/**/or/**/1=1-- ",
  '<svg/onload=',
  '$'.concat('{$', '{::-j}'),
  ';cat$IFS/e??/p*',
  '"+"',
  '../..%2f',
  '\\x3c\\u003c',
];
const adversarial = JSON.stringify({ text: seeds.join('').repeat(2000).slice(0, 64_000) });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const json = { ...browser, 'content-type': 'application/json' };

const requests: Readonly<Record<string, (call: number) => RequestSketch>> = {
  'GET, ten parameters': (call) => ({ query: parametersOf(call).join('&'), headers: browser }),
  'POST, 1 KB of JSON prose': (call) => ({ method: 'POST', headers: json, body: bytes(proseOf(call)) }),
};

const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? 0;
const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Microseconds of one run: the median and the least over all, each with values that no run before had. */
function cost(run: (subject: Subject) => void, requestOf: (call: number) => RequestSketch): string {
  const times = Array.from({ length: 6000 }, (_, call) => {
    const subject = aSubject({ request: requestOf(call) });
    const started = performance.now();
    run(subject);
    return (performance.now() - started) * 1000;
  }).slice(2000);
  return `${median(times).toFixed(0)} µs, at least ${Math.min(...times).toFixed(0)} µs`;
}

const policies: Readonly<Record<string, ProtectOptions>> = {
  'built-in rules': {},
  ...(typeof set === 'string' ? {} : { 'with CRS, paranoia 1': { crs: { dir: 'crs', paranoia: 1 } } }),
};

for (const [policy, protect] of Object.entries(policies)) {
  const started = performance.now();
  const inspect = buildHere({ protect, pathParameters: [] }, context);
  process.stdout.write(`${policy}: compiled in ${(performance.now() - started).toFixed(0)} ms\n`);
  for (const [name, requestOf] of Object.entries(requests)) {
    const pass = (subject: Subject): void => {
      const { kind, detail } = inspect(subject);
      if (kind !== 'pass') throw new Error(`${name}: ${kind} ${JSON.stringify(detail)}`);
    };
    process.stdout.write(`  ${name}: ${cost(pass, requestOf)}\n`);
  }
}

/** How often a small request comes while a large one is looked at. */
const everyMs = 2;

/**
 * 64 KB that look like everything, on a thread, while small requests come at a fixed rate. What a small one takes is counted
 * from the moment at which it was due, so that whatever holds up the loop counts: the pool, the collector of garbage, and the
 * thread where processors are few.
 */
async function beside(policy: string, protect: ProtectOptions): Promise<void> {
  const limits = { threads: 1, queue: 8, timeoutMs: 5000, inlineBytes: 8192 };
  const pool = openPool(limits, { payloadInspected: () => {} });
  const inspect = buildInspection({ protect, pathParameters: [] }, context, pool);
  const large = aSubject({ request: { method: 'POST', headers: json, body: bytes(adversarial) } });
  const { signal } = new AbortController();
  const small = (call: number): Subject =>
    aSubject({ request: { query: parametersOf(call).join('&'), headers: browser } });
  const ask = async (goesOn: () => boolean, took: number[]): Promise<void> => {
    for (let due = performance.now(); goesOn(); due += everyMs) {
      const early = due - performance.now();
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      inspect(small(took.length), signal);
      took.push(performance.now() - due);
    }
  };
  await inspect(large, signal);
  // The start of a gateway is another matter: it is warmed up before it says that it is ready.
  for (let call = 0; call < 2000; call += 1) inspect(small(call), signal);
  const alone: number[] = [];
  const stop = AbortSignal.timeout(1000);
  await ask(() => !stop.aborted, alone);
  const waits: number[] = [];
  const answers: number[] = [];
  for (let index = 0; index < 20; index += 1) {
    const started = performance.now();
    let done = false;
    const verdict = Promise.resolve(inspect(large, signal)).then(({ kind }) => {
      done = true;
      if (kind !== 'reject') throw new Error(`64 KB: ${kind}`);
      waits.push(performance.now() - started);
    });
    await ask(() => !done, answers);
    await verdict;
  }
  process.stdout.write(
    `${policy}: 64 KB on a thread ${median(waits).toFixed(0)} ms, at least ${Math.min(...waits).toFixed(0)} ms; ` +
      `a GET every ${everyMs} ms beside it waits p99 ${quantile(answers, 0.99).toFixed(1)} ms, without it ${quantile(alone, 0.99).toFixed(1)} ms\n`,
  );
  await pool.close();
}

for (const [policy, protect] of Object.entries(policies)) await beside(policy, protect);
