import { systemClock } from '../../src/core/clock.ts';
import type { Plan, Rule } from '../../src/core/plan.ts';
import { type ProcessedMessage, silentLog, silentSignals, silentTracing } from '../../src/core/ports.ts';
import type { ProcessMessage } from '../../src/core/processing.ts';
import type { ClosedTrail } from '../../src/core/trail.ts';
import { type ProcessDeps, process } from '../../src/flow/process.ts';
import { aPlan, aRule } from './plans.ts';
import { reads, replacing } from './processing.ts';
import { summaryOf } from './processing-messages.ts';

/** Replaces SECRET by a shorter word. */
export const tells = (how: 'whole' | 'stream'): ProcessMessage => reads(() => replacing('SECRET', 'word'), { how });

/** A plan with one rule, which does this with messages on their way. */
export const planOf = (request?: ProcessMessage, response?: ProcessMessage, given: Partial<Rule> = {}): Plan =>
  aPlan(aRule({ processing: { request, response }, ...given }));

/** The items, one by one. */
export async function* all<T>(items: readonly T[]): AsyncIterable<T> {
  yield* items;
}

/** What an exchange came to. */
export interface Told {
  /** As summaryOf puts them. */
  readonly answers: readonly string[];
  readonly trails: readonly ClosedTrail[];
  readonly messages: readonly ProcessedMessage[];
}

/** What the page needs; what is recorded goes to the lists. */
export const depsOf = (plan: Plan, trails: ClosedTrail[] = [], messages: ProcessedMessage[] = []): ProcessDeps => ({
  plan: () => plan,
  clock: systemClock,
  newId: () => 'new-id',
  audit: { record: (trail) => trails.push(trail) },
  signals: { ...silentSignals, messageProcessed: (message) => messages.push(message) },
  tracing: silentTracing,
  log: silentLog,
});

/** A call that nobody hurries. */
export const aCall = (messageTimeoutMs = 60_000) => ({
  traceparent: undefined,
  messageTimeoutMs,
  signal: new AbortController().signal,
  crowded: false,
});

/** Takes one exchange through the page. */
export async function run(plan: Plan, ...sent: readonly Uint8Array[]): Promise<Told> {
  const trails: ClosedTrail[] = [];
  const messages: ProcessedMessage[] = [];
  const answers: string[] = [];
  for await (const answer of process(all(sent), aCall(), depsOf(plan, trails, messages)))
    answers.push(summaryOf(answer));
  return { answers, trails, messages };
}
