import type { HeaderMutation } from '../core/decision.ts';
import type { LimitStatus } from '../core/limit.ts';
import { type Detail, passWith, reject, type Verdict } from '../core/verdict.ts';
import { hitsOf, type Limit } from './build.ts';

/** What became of one limit; unchecked: another limit had denied before. */
export interface Checked {
  readonly limit: Limit;
  readonly outcome: 'allowed' | 'limited' | 'local' | 'store_denied' | 'store_allowed' | 'unchecked';
  /** Undefined when nothing was counted. */
  readonly status: LimitStatus | undefined;
}

interface Counted extends Checked {
  readonly status: LimitStatus;
}

const isCounted = (checked: Checked): checked is Counted => checked.status !== undefined;

/**
 * The verdict of a phase. The detail holds for each limit `limit.ID` (its outcome) and, where it was counted,
 * `limit.ID.count`, `.period_ms`, `.remaining`, `.reset_ms` and `.retry_after_ms`; `.shadow` marks those that only
 * watch, a rejection's `limit` names the one that decided, and `weight` says how often the request counted where a ban says so.
 */
export function limitVerdict(
  decisive: readonly Checked[],
  watched: readonly Checked[],
  weight = 1,
): Verdict<readonly HeaderMutation[]> {
  const detail = weight === 1 ? describe(decisive, watched) : { weight, ...describe(decisive, watched) };
  const away = decisive.find(({ outcome }) => outcome === 'store_denied');
  if (away !== undefined) return reject('limit_store_unavailable', { limit: away.limit.id, ...detail });

  const over = longestWait(decisive.filter(isCounted).filter(({ status }) => !status.allowed));
  if (over !== undefined) {
    const headers = [...retryAfter(over.status), ...rateLimit(over, weight)];
    return reject('limit_exceeded', { limit: over.limit.id, ...detail }, { headers });
  }
  const tightest = leastRemaining(decisive.filter(isCounted));
  return passWith(tightest === undefined ? [] : rateLimit(tightest, weight), detail);
}

const waitOf = ({ status }: Counted): number => status.retryAfterMs ?? Number.POSITIVE_INFINITY;

const longestWait = (counted: readonly Counted[]): Counted | undefined =>
  counted.reduce<Counted | undefined>((most, one) => (most && waitOf(most) >= waitOf(one) ? most : one), undefined);

const leastRemaining = (counted: readonly Counted[]): Counted | undefined =>
  counted.reduce<Counted | undefined>(
    (least, one) => (least && least.status.remaining <= one.status.remaining ? least : one),
    undefined,
  );

/** Whole seconds, rounded up: who waits that long is not turned away for coming early. */
const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** Retry-After in delay-seconds (RFC 9110 section 10.2.3). */
function retryAfter({ retryAfterMs }: LimitStatus): readonly HeaderMutation[] {
  return retryAfterMs === undefined ? [] : [{ name: 'retry-after', value: String(seconds(retryAfterMs)) }];
}

/** RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers); the id needs no escape in a quoted string. */
function rateLimit({ limit, status }: Counted, weight: number): readonly HeaderMutation[] {
  const { id, rule } = limit;
  // What is too little for another request is nothing.
  const left = status.allowed && status.remaining >= hitsOf(limit, weight) ? status.remaining : 0;
  const until = seconds(status.allowed ? status.resetMs : (status.retryAfterMs ?? status.resetMs));
  return [
    { name: 'ratelimit-policy', value: `"${id}";q=${rule.count};w=${seconds(rule.periodMs)}` },
    { name: 'ratelimit', value: `"${id}";r=${left};t=${until}` },
  ];
}

function describe(decisive: readonly Checked[], watched: readonly Checked[]): Detail {
  const detail: Record<string, string | number | boolean> = {};
  for (const checked of decisive) describeOne(detail, checked);
  for (const checked of watched) {
    describeOne(detail, checked);
    detail[`limit.${checked.limit.id}.shadow`] = true;
  }
  return detail;
}

function describeOne(detail: Record<string, string | number | boolean>, { limit, outcome, status }: Checked): void {
  const name = `limit.${limit.id}`;
  detail[name] = outcome;
  if (status === undefined) return;
  detail[`${name}.count`] = limit.rule.count;
  detail[`${name}.period_ms`] = limit.rule.periodMs;
  detail[`${name}.remaining`] = status.remaining;
  detail[`${name}.reset_ms`] = status.resetMs;
  if (status.retryAfterMs !== undefined) detail[`${name}.retry_after_ms`] = status.retryAfterMs;
}
