import { printable, printableHost, printablePath } from '../core/printable.ts';
import { reasons } from '../core/reason.ts';
import { boundedDetail, short, shortOrNone } from '../core/redact.ts';
import type { TrailEntry } from '../core/trail.ts';
import type { Kept } from './kept.ts';

const methodMax = 32;

/** A moment in milliseconds since the epoch, for JSON. */
export const timeText = (ms: number): string => new Date(ms).toISOString();

/** A decision in one line. */
export interface ShownDecision {
  readonly id: string;
  readonly service: 'check' | 'process';
  readonly time: string;
  readonly effect: string;
  readonly status: number | null;
  readonly reason: string | null;
  readonly rule: string | null;
  readonly method: string | null;
  readonly host: string | null;
  readonly path: string | null;
  readonly client: string | null;
  readonly principal: string | null;
  readonly duration_us: number;
  /** Whether a rule, a list or a check in shadow mode looked on. */
  readonly shadow: boolean;
}

const watched = ({ shadow, detail }: TrailEntry): boolean =>
  shadow || Object.keys(detail).some((name) => name.endsWith('.shadow'));

/** What anybody may see of a decision who may see decisions: as audit would write it. */
export const shownDecision = (kept: Kept): ShownDecision => ({
  id: kept.id,
  service: kept.process ? 'process' : 'check',
  time: timeText(kept.startMs),
  effect: kept.effect,
  status: kept.status ?? null,
  reason: kept.reason ?? null,
  rule: kept.rule ?? null,
  method: kept.method ? printable(kept.method, methodMax) : null,
  host: printableHost(kept) ?? null,
  path: printablePath(kept) ?? null,
  client: shortOrNone(kept.client) ?? null,
  principal: shortOrNone(kept.principal) ?? null,
  duration_us: Math.round(kept.durationMs * 1000),
  shadow: kept.entries.some(watched),
});

/** The whole story of a decision, step by step; traceUrl is where its trace is shown, `{trace_id}` in it the id. */
export const explained = (kept: Kept, traceUrl: string | undefined) => ({
  ...shownDecision(kept),
  title: kept.reason === undefined ? null : reasons[kept.reason].title,
  user_agent: shortOrNone(kept.agent) ?? null,
  request_id: shortOrNone(kept.requestId) ?? null,
  config_version: kept.planVersion,
  trace_id: kept.traceId ?? null,
  trace_url: linkOf(traceUrl, kept.traceId),
  steps: kept.entries.map(({ step, rule, shadow, verdict, reason, detail, ...more }) => ({
    step,
    rule: rule ?? null,
    shadow,
    verdict,
    reason: reason ?? null,
    title: reason === undefined ? null : reasons[reason].title,
    duration_us: microsOf(more),
    detail: boundedDetail(detail) ?? {},
  })),
});

/** How long a step took, where its entry says so. */
const microsOf = (more: { readonly durationMs?: number | undefined }): number | null =>
  more.durationMs === undefined ? null : Math.round(more.durationMs * 1000);

// Trace ids are read strictly, and are hexadecimal digits.
const linkOf = (traceUrl: string | undefined, traceId: string | undefined): string | null =>
  traceUrl === undefined || traceId === undefined ? null : traceUrl.replaceAll('{trace_id}', traceId);

/** A name from outside, as it may be shown. */
export const shownName = (name: string): string => short(name);
