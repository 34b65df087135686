import type { Algorithm } from '../../core/limit.ts';

/**
 * Counts hits in windows that are aligned to the epoch; a window's first hit finds it empty.
 *
 * State: start of the window in milliseconds, hits in it. Twice the count may pass around the turn of a window.
 */
export const fixedWindow: Algorithm = {
  step(state, nowMs, rule, hits) {
    const aligned = Math.floor(nowMs / rule.periodMs) * rule.periodMs;
    const [lastStart = aligned, lastUsed = 0] = state ?? [];
    // A clock that stepped back stays in the window that was already begun: hits are never forgotten by it.
    const start = Math.max(aligned, lastStart);
    const used = lastStart === start ? lastUsed : 0;
    const untilNext = start + rule.periodMs - Math.max(nowMs, start);
    const allowed = used + hits <= rule.count;
    const after = allowed ? used + hits : used;
    return {
      status: {
        allowed,
        remaining: Math.max(0, rule.count - after),
        resetMs: untilNext,
        retryAfterMs: allowed || hits > rule.count ? undefined : untilNext,
      },
      state: [start, after],
      ttlMs: untilNext,
    };
  },

  lua: `function(state, now, count, period, burst, hits)
    local aligned = math.floor(now / period) * period
    local last_start, last_used = aligned, 0
    if state then last_start, last_used = state[1], state[2] end
    local start = math.max(aligned, last_start)
    local used = 0
    if last_start == start then used = last_used end
    local until_next = start + period - math.max(now, start)
    local allowed, retry = 0, -1
    if used + hits <= count then
      allowed, used = 1, used + hits
    elseif hits <= count then
      retry = until_next
    end
    return allowed, math.max(0, count - used), until_next, retry, { start, used }, until_next
  end`,
};
