import type { Timers } from '../../core/timers.ts';
import type { EventStream } from '../http/event-stream.ts';
import type { AdminOutcome, AdminRoutes } from './api.ts';

type Filter<Kept> = (kept: Kept) => boolean;

/** What looks on while decisions are made. */
interface LiveSource<Kept> {
  readonly filter: (query: URLSearchParams) => Filter<Kept> | { readonly issues: readonly string[] };
  decisions(
    filter: Filter<Kept>,
    most: number,
    from?: number,
  ): { readonly decisions: readonly unknown[]; readonly skipped: number; readonly next: number };
  explain(id: string, traceUrl: string | undefined): readonly unknown[];
}

/** What the live view is made of. */
interface LiveDeps<Kept> {
  readonly live: LiveSource<Kept>;
  /** All but decisions, as JSON: of what grows with time only what is later than sinceMs, in milliseconds since the epoch. */
  readonly state: (sinceMs?: number) => unknown;
  /** Where traces are shown, `{trace_id}` in it the id; asked for each time. */
  readonly traceUrl: () => string | undefined;
  readonly nowMs: () => number;
  readonly timers: Timers;
}

const listedMost = 1000;
const listedDefault = 100;
const firstMost = 100;
const tickMs = 250;
// 20 decisions a second at most.
const perTick = 5;
const ticksPerState = 8;

/**
 * `/live` tells how things are; `/decisions` lists decisions that are remembered, and `/decisions/ID` explains one. `/live/stream` tells
 * as it happens: `state` every two seconds, and `decisions` that pass the filter, 20 a second at most, with how many were skipped.
 */
export const liveRoutes = <Kept>(deps: LiveDeps<Kept>): AdminRoutes => ({
  '/live': { GET: () => ({ kind: 'done', status: 200, value: deps.state() }) },
  '/live/stream': { GET: ({ query }) => stream(deps, query) },
  '/decisions': { GET: ({ query }) => list(deps, query) },
  '/decisions/{name}': { GET: ({ name = '' }) => explain(deps, name) },
});

function explain<Kept>({ live, traceUrl }: LiveDeps<Kept>, id: string): AdminOutcome {
  const object = { type: 'decision', name: id };
  const decisions = live.explain(id, traceUrl());
  if (decisions.length > 0) return { kind: 'done', status: 200, value: { decisions }, object };
  return {
    kind: 'absent',
    detail: 'this decision is not remembered here; "portcullis audit show --decision ID" finds it in audit logs',
    object,
  };
}

function list<Kept>({ live }: LiveDeps<Kept>, query: URLSearchParams): AdminOutcome {
  const filter = live.filter(query);
  const limit = query.get('limit');
  const most = limit === null ? listedDefault : Number(limit);
  const issues = 'issues' in filter ? [...filter.issues] : [];
  if (!(Number.isInteger(most) && most >= 1 && most <= listedMost)) issues.push(`"limit" must be 1 to ${listedMost}`);
  if ('issues' in filter || issues.length > 0) return { kind: 'invalid', issues };
  const { decisions, skipped } = live.decisions(filter, most);
  return { kind: 'done', status: 200, value: { decisions, skipped } };
}

function stream<Kept>(deps: LiveDeps<Kept>, query: URLSearchParams): AdminOutcome {
  const filter = deps.live.filter(query);
  if ('issues' in filter) return { kind: 'invalid', issues: filter.issues };
  return { kind: 'stream', tell: (events) => tell(deps, filter, events) };
}

function tell<Kept>({ live, state, nowMs, timers }: LiveDeps<Kept>, filter: Filter<Kept>, events: EventStream) {
  let from: number | undefined;
  let toldMs: number | undefined;
  let ticks = 0;
  let cancel = (): void => {};
  const tellState = (): void => {
    const now = nowMs();
    if (events.send('state', state(toldMs))) toldMs = Math.floor(now / 1000) * 1000;
  };
  const tellDecisions = (): void => {
    const { decisions, skipped, next } = live.decisions(filter, from === undefined ? firstMost : perTick, from);
    const first = from === undefined;
    if (!first && decisions.length === 0 && skipped === 0) {
      from = next;
      return;
    }
    // What a slow reader was not sent is among the skipped of its next batch.
    if (events.send('decisions', { decisions, skipped: first ? 0 : skipped })) from = next;
  };
  const tick = (): void => {
    if (ticks % ticksPerState === 0) tellState();
    ticks += 1;
    tellDecisions();
    cancel = timers.after(tickMs, tick);
  };
  tick();
  return () => cancel();
}
