import { randomUUID } from 'node:crypto';
import { compileMatch } from '../../src/config/matcher.ts';
import { silentContext } from '../../src/core/build.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Rule } from '../../src/core/plan.ts';
import { type ProcessedMessage, silentLog, silentSignals, silentTracing } from '../../src/core/ports.ts';
import type { BodyProcessor, HeadStep, ProcessMessage } from '../../src/core/processing.ts';
import type { ClosedTrail } from '../../src/core/trail.ts';
import { fail, type Refusal, reject } from '../../src/core/verdict.ts';
import { check } from '../../src/flow/check.ts';
import { openProcessor } from '../../src/flow/process.ts';
import { buildGuard } from '../../src/guard/index.ts';
import { checkService, joinServices, processService } from '../../src/server/services.ts';
import { transports } from '../../src/server/transports/index.ts';
import { noFeeds } from './feeds.ts';
import { aPlan, aRule } from './plans.ts';

/** A rule for the one path, which anyone may ask for. */
export const ruleFor = (path: string, given: Partial<Rule>): Rule =>
  aRule({
    id: path.slice(1),
    consider: (request) =>
      request.path === path ? { matches: true, parameters: new Map() } : { matches: false, why: 'path' },
    ...given,
  });

/** What a stand-in of a processor does. */
export interface StandIn {
  readonly how?: 'whole' | 'stream';
  readonly mayChange?: boolean;
  readonly maxBytes?: number;
  readonly tooLarge?: Refusal;
  readonly head?: Extract<HeadStep, { readonly kind: 'read' }>['head'];
}

const noMutation = { set: [], remove: [] };

/** Reads bodies with a processor of the test's. */
export const reads =
  (body: () => BodyProcessor, given: StandIn = {}): ProcessMessage =>
  () => ({
    kind: 'read',
    how: given.how ?? 'stream',
    head: given.head ?? noMutation,
    mayChange: given.mayChange ?? true,
    maxBytes: given.maxBytes ?? Number.POSITIVE_INFINITY,
    tooLarge: given.tooLarge,
    body: body(),
  });

/** Replaces a word by one of the same or another length, also where it comes in two pieces; in Latin-1. */
export function replacing(word: string, by: string): BodyProcessor {
  let held = '';
  let count = 0;
  return {
    push: (piece, last) => {
      const parts = (held + Buffer.from(piece).toString('latin1')).split(word);
      const tail = parts.pop() ?? '';
      count += parts.length;
      const keep = last ? 0 : Math.min(tail.length, word.length - 1);
      held = tail.slice(tail.length - keep);
      const text = [...parts, tail.slice(0, tail.length - keep)].join(by);
      return { kind: 'forward', bytes: Buffer.from(text, 'latin1') };
    },
    detail: (): { readonly replaced?: number } => (count === 0 ? {} : { replaced: count }),
  };
}

/** Refuses a body once the word has been seen in it. */
export function refusing(word: string, refusal: Refusal): BodyProcessor {
  let seen = '';
  return {
    push: (piece) => {
      seen = seen.slice(-word.length) + Buffer.from(piece).toString('latin1');
      return seen.includes(word) ? { kind: 'refuse', refusal } : { kind: 'forward', bytes: piece };
    },
    detail: () => ({}),
  };
}

/** Looks and changes nothing. */
export const looking = (): BodyProcessor => ({
  push: (piece) => ({ kind: 'forward', bytes: piece }),
  detail: () => ({}),
});

/** Usual refusals of stand-ins. */
export const requestLeaks = reject('request_leaks');
/** The same of a response. */
export const responseLeaks = fail('response_leaks');

/** Check and Process in this process, with rules of the test's. */
export interface Processing {
  readonly grpc: string;
  /** Everything that was recorded. */
  readonly trails: readonly ClosedTrail[];
  readonly messages: readonly ProcessedMessage[];
  /** Exchanges under way. */
  open(): number;
  /** Puts other rules into force. */
  reload(rules: readonly Rule[]): void;
  stop(): Promise<void>;
}

/** Serves rules; whoever starts it stops it. */
export async function startProcessing(rules: readonly Rule[], maxStreams?: number): Promise<Processing> {
  const { guard } = buildGuard({}, silentContext, noFeeds);
  const planOf = (all: readonly Rule[]) => aPlan(aRule(), { guard, match: compileMatch(all), rules: all });
  let plan = planOf(rules);
  let open = 0;
  const trails: ClosedTrail[] = [];
  const messages: ProcessedMessage[] = [];
  const deps = {
    plan: () => plan,
    clock: systemClock,
    newId: randomUUID,
    audit: { record: (trail: ClosedTrail) => trails.push(trail) },
    signals: {
      ...silentSignals,
      messageProcessed: (message: ProcessedMessage) => messages.push(message),
      streamsOpen: (count: number) => {
        open = count;
      },
    },
    tracing: silentTracing,
    log: silentLog,
    budgetMs: 2000,
  };
  const processor = openProcessor(deps, maxStreams);
  const table = joinServices(
    checkService(
      (message, { signal }) => check(message, { traceparent: undefined, signal, remainingMs: undefined }, deps),
      randomUUID,
    ),
    processService((sent, { signal }) => processor(sent, { traceparent: undefined, messageTimeoutMs: 10_000, signal })),
  );
  const listening = await transports['grpc-js'].listen(table, { address: '127.0.0.1:0', log: silentLog });
  return {
    grpc: listening.address,
    trails,
    messages,
    open: () => open,
    reload: (next) => {
      plan = planOf(next);
    },
    stop: () => listening.close(),
  };
}
