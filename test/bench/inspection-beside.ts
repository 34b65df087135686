// What small requests wait for while a large one is looked at on a thread.
import { PerformanceObserver, performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { ProtectOptions } from '../../src/inspect/attacks/options.ts';
import { buildInspection, openPool } from '../../src/inspect/index.ts';
import { aSubject } from '../support/requests.ts';
import { adversarial, context, get, median, quantile } from './inspection-load.ts';

/** How often a small request comes. */
const everyMs = 2;
const rounds = 7;
const roundMs = 1200;
const warmUpCalls = 4000;

/** A round: how long each call was behind its time when it was answered, and what held the loop up meanwhile. */
interface Round {
  readonly waits: readonly number[];
  /** The longest pause of this thread's collector of garbage, and all of them together. */
  readonly pauseMs: number;
  readonly pausesMs: number;
  /** What the calls took by themselves. */
  readonly ownMs: number;
}

const pauses: number[] = [];
new PerformanceObserver((list) => pauses.push(...list.getEntries().map(({ duration }) => duration))).observe({
  entryTypes: ['gc'],
});

/**
 * Calls at a fixed rate. What one waits is counted from the moment at which it was due, so that whatever holds up the loop
 * counts: other work on it, the collector of garbage, and threads where processors are few.
 */
async function round(call: (index: number) => void): Promise<Round> {
  const waits: number[] = [];
  let ownMs = 0;
  pauses.length = 0;
  const endMs = performance.now() + roundMs;
  for (let due = performance.now(); due < endMs; due += everyMs) {
    const early = due - performance.now();
    // The loop has a turn for each call, as it has where they come from outside.
    await new Promise((resolve) => (early > 0 ? setTimeout(resolve, early) : setImmediate(resolve)));
    const started = performance.now();
    call(waits.length);
    const ended = performance.now();
    ownMs += ended - started;
    waits.push(ended - due);
  }
  // The observer hears a turn later.
  await new Promise((resolve) => setImmediate(resolve));
  return { waits, pauseMs: Math.max(0, ...pauses), pausesMs: pauses.reduce((sum, each) => sum + each, 0), ownMs };
}

const middleOf = (of: readonly Round[], told: (one: Round) => number): string => median(of.map(told)).toFixed(1);
const line = (name: string, of: readonly Round[]): string =>
  `    ${name}: p50 ${middleOf(of, ({ waits }) => median(waits))} ms, p99 ${middleOf(of, ({ waits }) => quantile(waits, 0.99))} ms` +
  ` (least ${Math.min(...of.map(({ waits }) => quantile(waits, 0.99))).toFixed(1)} ms); calls take ${middleOf(of, ({ waits, ownMs }) => (ownMs / waits.length) * 1000)} µs,` +
  ` the longest collection ${middleOf(of, ({ pauseMs }) => pauseMs)} ms, all ${middleOf(of, ({ pausesMs }) => pausesMs)} ms\n`;

/** A thread that does nothing of ours, only as much of it as it can. */
const spin = (): Worker => new Worker('for (let at = 0; ; at += 1) Math.sqrt(at);', { eval: true });

/**
 * Rounds of small requests: beside large ones, alone, beside a thread that only counts, and of calls that do nothing beside
 * the large ones. Of the first the last two show what the machine takes and what the loop does, for they take turns.
 */
export async function besideLarge(policy: string, protect: ProtectOptions): Promise<string> {
  const limits = { threads: 1, queue: 8, timeoutMs: 30_000, inlineBytes: 8192 };
  const pool = openPool(limits, { payloadInspected: () => {} });
  const inspect = buildInspection({ protect, pathParameters: [] }, context, pool);
  const { signal } = new AbortController();
  const large = aSubject({ request: adversarial });
  let calls = 0;
  const small = (): void => {
    calls += 1;
    inspect(aSubject({ request: get(calls) }), signal);
  };
  const tookMs: number[] = [];
  const withLarge = async (call: () => void): Promise<Round> => {
    let done = false;
    const lookOn = async (): Promise<void> => {
      while (!done) {
        const started = performance.now();
        const verdict = await inspect(large, signal);
        if (verdict.kind !== 'reject') throw new Error(`64 KB: ${JSON.stringify(verdict)}`);
        tookMs.push(performance.now() - started);
      }
    };
    const looking = lookOn();
    const made = await round(call);
    done = true;
    await looking;
    return made;
  };
  const withSpin = async (call: () => void): Promise<Round> => {
    const worker = spin();
    try {
      return await round(call);
    } finally {
      await worker.terminate();
    }
  };
  const kinds = {
    'a GET beside 64 KB': () => withLarge(small),
    'a GET alone': () => round(small),
    'a GET beside a thread that counts': () => withSpin(small),
    'nothing beside 64 KB': () => withLarge(() => {}),
  };
  await pool.warm();
  await inspect(large, signal);
  // The start of a gateway is another matter: it is warmed up before it says that it is ready.
  for (let call = 0; call < warmUpCalls; call += 1) small();
  const seen = new Map<string, Round[]>(Object.keys(kinds).map((name) => [name, []]));
  for (let index = 0; index < rounds; index += 1)
    for (const [name, run] of Object.entries(kinds)) seen.get(name)?.push(await run());
  await pool.close();
  const took = `64 KB on a thread ${median(tookMs).toFixed(0)} ms, at least ${Math.min(...tookMs).toFixed(0)} ms`;
  return `${policy}: ${took}; every ${everyMs} ms\n${[...seen].map(([name, of]) => line(name, of)).join('')}`;
}
