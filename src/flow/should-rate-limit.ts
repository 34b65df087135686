import type { Clock } from '../core/clock.ts';
import type { Descriptor, DescriptorLimit, DescriptorMatch, DescriptorPolicy } from '../core/descriptor.ts';
import type { CounterStore, LimitStatus } from '../core/limit.ts';
import type { Plan } from '../core/plan.ts';
import type { Signals } from '../core/ports.ts';
import { fromRateLimitRequest, type RateLimitRequest } from '../wire/rate-limit-request.ts';
import { type DescriptorStatus, toRateLimitResponse } from '../wire/rate-limit-response.ts';

/** What the page needs of the rest of the house. */
export interface ShouldRateLimitDeps {
  readonly plan: () => Plan;
  readonly clock: Clock;
  readonly store: CounterStore;
  /** Counts while the store is away. */
  readonly local: CounterStore;
  readonly signals: Signals;
}

/** Bytes of a RateLimitResponse, or why the call is wrong in itself. */
type RateLimitAnswer =
  | { readonly kind: 'answer'; readonly message: Uint8Array }
  | { readonly kind: 'invalid'; readonly problem: string };

/**
 * Answers one ShouldRateLimit call (envoy.service.ratelimit.v3.RateLimitService): bytes of a RateLimitRequest in. Statuses
 * stand in the order of the descriptors; a descriptor that no limit matches is OK. Never rejects.
 */
export async function shouldRateLimit(message: Uint8Array, deps: ShouldRateLimitDeps): Promise<RateLimitAnswer> {
  const asked = read(message, deps.plan().descriptors);
  if ('problem' in asked) {
    deps.signals.descriptorsChecked('', 'error');
    return { kind: 'invalid', problem: asked.problem };
  }
  const { request, policy } = asked;

  const matches = request.descriptors.map((descriptor) => policy(request.domain, descriptor));
  const statuses = await count(matches, request.descriptors, request.hitsAddend, deps);

  const overall = statuses.some(({ code }) => code === 'over_limit') ? 'over_limit' : 'ok';
  deps.signals.descriptorsChecked(request.domain, overall);
  return { kind: 'answer', message: toRateLimitResponse({ overall, statuses, headers: [] }) };
}

interface Asked {
  readonly request: RateLimitRequest;
  readonly policy: DescriptorPolicy;
}

function read(message: Uint8Array, policy: Plan['descriptors']): Asked | { readonly problem: string } {
  const request = fromRateLimitRequest(message);
  if (request === undefined) return { problem: 'the request cannot be decoded' };
  if (request.domain === '') return { problem: 'rate limit domain must not be empty' };
  if (request.descriptors.length === 0) return { problem: 'rate limit descriptor list must not be empty' };
  return policy === undefined ? { problem: 'no rate limit configuration loaded' } : { request, policy };
}

const isLimit = (match: DescriptorMatch): match is DescriptorLimit => match !== undefined && match !== 'unlimited';

async function count(
  matches: readonly DescriptorMatch[],
  descriptors: readonly Descriptor[],
  hitsAddend: number,
  deps: ShouldRateLimitDeps,
): Promise<readonly DescriptorStatus[]> {
  const takes = matches.flatMap((match, index) => {
    if (!isLimit(match)) return [];
    const { key, algorithm, rule } = match;
    return [{ key, algorithm, rule, hits: hitsOf(descriptors[index], hitsAddend) }];
  });
  const counted =
    takes.length === 0 ? [] : await deps.store.take(takes, 'each').catch(() => deps.local.take(takes, 'each'));
  const queue = counted.values();
  return matches.map((match) => {
    if (match === 'unlimited') return { code: 'ok', limit: undefined, limitRemaining: 0xffff_ffff, resetSeconds: 0 };
    if (match === undefined) return { code: 'ok', limit: undefined, limitRemaining: 0, resetSeconds: 0 };
    return statusOf(match, queue.next().value);
  });
}

// A descriptor's own addend may be 0 (it only looks); the request's 0 means that nobody said anything.
const hitsOf = (descriptor: Descriptor | undefined, hitsAddend: number): number =>
  descriptor?.hitsAddend === undefined
    ? Math.max(1, hitsAddend)
    : Number(descriptor.hitsAddend > maxHits ? maxHits : descriptor.hitsAddend);

// Counters are doubles in Redis's Lua: what is beyond their exact integers counts as the largest of them.
const maxHits = BigInt(Number.MAX_SAFE_INTEGER);

function statusOf(limit: DescriptorLimit, status: LimitStatus | undefined): DescriptorStatus {
  // A store that gives fewer statuses than takes is broken, and a limit that nobody counted is a limit reached.
  if (status === undefined) return { code: 'over_limit', limit, limitRemaining: 0, resetSeconds: 1 };
  return {
    code: status.allowed ? 'ok' : 'over_limit',
    limit,
    // As the reference service has it: what is over its limit has nothing left, though fewer hits might still fit.
    limitRemaining: status.allowed ? status.remaining : 0,
    resetSeconds: Math.max(1, Math.ceil(status.resetMs / 1000)),
  };
}
