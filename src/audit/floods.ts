import type { BuildContext, JsonSchema } from '../core/build.ts';
import type { Clock } from '../core/clock.ts';
import { openReader } from '../core/options.ts';
import type { ClosedTrail } from '../core/trail.ts';
import { decidingEntry } from './class.ts';

/** Denials that are told as one. */
export interface Flood {
  /** The last of them, which stands for all. */
  readonly trail: ClosedTrail;
  readonly count: number;
  /** Times of the first and the last, milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Ids of the first of them. */
  readonly ids: readonly string[];
}

/** Puts denials together that only repeat others. */
interface Floods {
  /** Whether the denial repeats others and is told with them, later. */
  takes(trail: ClosedTrail): boolean;
  /** Tells what waits now. */
  flush(): void;
}

/** When denials are told together. */
export interface FloodConfig {
  /** 0: never. */
  readonly windowMs: number;
  /** So many of a window are told by themselves. */
  readonly first: number;
}

/** The config key `audit.floods` as users write it. */
export interface FloodKeys {
  readonly window?: string;
  readonly first?: number;
}

const windowMaxMs = 3_600_000;
const firstMax = 1_000_000;

/** The schema of `audit.floods`. */
export const floodSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'Denials that repeat others, of the same plan, rule, reason, attack and client, become one event with their count. Never where delivery is strict. Default: after 1000 in 10 s.',
  additionalProperties: false,
  properties: {
    window: {
      type: 'string',
      format: 'duration',
      description: 'Denials within this time are put together; 0ms: none are. Default: 10s.',
    },
    first: {
      type: 'integer',
      minimum: 1,
      maximum: firstMax,
      description: 'So many denials of each window are events of their own, written at once. Default: 1000.',
    },
  },
});

/** Reads `audit.floods`; what is wrong is an issue. */
export function buildFloods(keys: FloodKeys | undefined, context: BuildContext): FloodConfig {
  const reader = openReader(keys ?? {}, context.issue);
  return {
    windowMs: reader.durationMs('window', '10s', { minMs: 0, maxMs: windowMaxMs }),
    first: reader.integer('first', 1000, { min: 1, max: firstMax }),
  };
}

interface Window {
  readonly startMs: number;
  seen: number;
  flood: { trail: ClosedTrail; count: number; readonly sinceMs: number; readonly ids: string[] } | undefined;
}

const windowsMax = 10_000;
const idsMax = 32;

/** Opens floods that are told to tell; state is bounded: the oldest window ends early where there are too many. */
export function openFloods({ windowMs, first }: FloodConfig, clock: Clock, tell: (flood: Flood) => void): Floods {
  // In the order in which the windows began.
  const windows = new Map<string, Window>();
  let timer: NodeJS.Timeout | undefined;
  const end = (key: string, { flood }: Window): void => {
    windows.delete(key);
    if (flood !== undefined) tell({ ...flood, untilMs: flood.trail.startMs });
  };
  const sweep = (): void => {
    timer = undefined;
    const nowMs = clock.monotonicMs();
    for (const [key, window] of windows) {
      if (window.startMs + windowMs > nowMs) break;
      end(key, window);
    }
    wait();
  };
  const wait = (): void => {
    const [oldest] = windows.values();
    if (oldest === undefined || timer !== undefined) return;
    timer = setTimeout(sweep, Math.max(1, oldest.startMs + windowMs - clock.monotonicMs())).unref();
  };
  const windowOf = (key: string): Window => {
    const found = windows.get(key);
    const nowMs = clock.monotonicMs();
    if (found !== undefined && found.startMs + windowMs > nowMs) return found;
    if (found !== undefined) end(key, found);
    const [oldest] = windows;
    if (windows.size >= windowsMax && oldest !== undefined) end(...oldest);
    const window: Window = { startMs: nowMs, seen: 0, flood: undefined };
    windows.set(key, window);
    wait();
    return window;
  };
  return {
    takes: (trail) => {
      const key = windowMs === 0 ? undefined : keyOf(trail);
      if (key === undefined) return false;
      const window = windowOf(key);
      window.seen += 1;
      if (window.seen <= first) return false;
      const light = withoutBody(trail);
      window.flood ??= { trail: light, count: 0, sinceMs: trail.startMs, ids: [] };
      window.flood.trail = light;
      window.flood.count += 1;
      if (window.flood.ids.length < idsMax) window.flood.ids.push(trail.decision.id);
      return true;
    },
    flush: () => {
      clearTimeout(timer);
      timer = undefined;
      for (const [key, window] of windows) end(key, window);
    },
  };
}

/** The trail as it is kept: thousands of windows would hold on to as many bodies, which no event tells of. */
function withoutBody(trail: ClosedTrail): ClosedTrail {
  const attributes = trail.attributes && { ...trail.attributes, body: undefined };
  const request = trail.request && { ...trail.request, attributes: { ...trail.request.attributes, body: undefined } };
  return { ...trail, attributes, request };
}

/** What denials that only repeat each other have in common; undefined: this one is told by itself. */
function keyOf(trail: ClosedTrail): string | undefined {
  const { decision, service, principal, request, attributes } = trail;
  if (decision.effect === 'allow' || service !== undefined) return undefined;
  const client = principal?.key ?? request?.clientAddress ?? attributes?.source.address ?? '';
  const detail = decidingEntry(trail)?.detail;
  return JSON.stringify([
    trail.planVersion,
    decision.rule,
    decision.reason,
    client,
    detail?.['attack.rules'],
    detail?.['limit'],
  ]);
}
