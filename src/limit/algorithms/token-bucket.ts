import type { Algorithm } from '../../core/limit.ts';

/**
 * A bucket that holds `burst` tokens and refills continuously at `count` tokens in a period.
 *
 * State: the level, the time it was taken at. A level is kept in parts of 1/periodMs token, so that one millisecond
 * refills exactly `count` parts and every number is a whole one.
 */
export const tokenBucket: Algorithm = {
  step(state, nowMs, rule, hits) {
    const { count, periodMs, burst } = rule;
    const capacity = burst * periodMs;
    const [lastLevel = capacity, lastMs = nowMs] = state ?? [];
    const before = Math.min(capacity, lastLevel + Math.max(0, nowMs - lastMs) * count);
    const allowed = hits <= burst && before >= hits * periodMs;
    const level = allowed ? before - hits * periodMs : before;
    const resetMs = Math.ceil((capacity - level) / count);
    return {
      status: {
        allowed,
        remaining: Math.floor(level / periodMs),
        resetMs,
        retryAfterMs: allowed || hits > burst ? undefined : Math.ceil((hits * periodMs - before) / count),
      },
      state: [level, nowMs],
      ttlMs: resetMs,
    };
  },

  lua: `function(state, now, count, period, burst, hits)
    local capacity = burst * period
    local level = capacity
    if state then level = math.min(capacity, state[1] + math.max(0, now - state[2]) * count) end
    local allowed, retry = 0, -1
    if hits <= burst then
      if level >= hits * period then
        allowed, level = 1, level - hits * period
      else
        retry = math.ceil((hits * period - level) / count)
      end
    end
    local reset = math.ceil((capacity - level) / count)
    return allowed, math.floor(level / period), reset, retry, { level, now }, reset
  end`,
};
