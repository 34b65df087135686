import type { Algorithm } from '../../core/limit.ts';

/** Hits within this part of a period share one entry: it bounds the state to 61 entries. */
const slots = 60;

/** Appends a hit, merged into the last entry when both fall into the same slot. */
function append(entries: number[], atMs: number, hits: number, periodMs: number): void {
  const end = entries.length;
  const slot = (ms: number): number => Math.floor((ms * slots) / periodMs);
  const lastMs = entries[end - 2];
  if (lastMs !== undefined && slot(lastMs) === slot(atMs)) {
    entries[end - 2] = atMs;
    entries[end - 1] = (entries[end - 1] ?? 0) + hits;
  } else {
    entries.push(atMs, hits);
  }
}

/** The entries that are still in the window. A time ahead of a clock that stepped back counts as now. */
function inWindow(state: readonly number[], nowMs: number, periodMs: number): number[] {
  const entries: number[] = [];
  for (let i = 0; i + 1 < state.length; i += 2) {
    const atMs = Math.min(state[i] ?? nowMs, nowMs);
    if (nowMs - atMs < periodMs) append(entries, atMs, state[i + 1] ?? 0, periodMs);
  }
  return entries;
}

/** Milliseconds until so many hits have left the window. */
function untilFreed(entries: readonly number[], nowMs: number, periodMs: number, wanted: number): number {
  let freed = 0;
  for (let i = 0; i + 1 < entries.length; i += 2) {
    freed += entries[i + 1] ?? 0;
    if (freed >= wanted) return (entries[i] ?? nowMs) + periodMs - nowMs;
  }
  return periodMs;
}

/**
 * Never more than the count in any window of one period, wherever it begins.
 *
 * State: pairs of the time of the last hit and the number of hits, oldest first. An entry leaves a full period after
 * its last hit: exact for hits in different slots, at most 1/60 of a period late for hits that share one.
 */
export const slidingWindow: Algorithm = {
  step(state, nowMs, rule, hits) {
    const { count, periodMs } = rule;
    const entries = inWindow(state ?? [], nowMs, periodMs);
    let used = 0;
    for (let i = 1; i < entries.length; i += 2) used += entries[i] ?? 0;
    const allowed = used + hits <= count;
    const retryAfterMs =
      allowed || hits > count ? undefined : untilFreed(entries, nowMs, periodMs, used + hits - count);
    if (allowed && hits > 0) {
      append(entries, nowMs, hits, periodMs);
      used += hits;
    }
    const lastMs = entries[entries.length - 2];
    const resetMs = lastMs === undefined ? 0 : lastMs + periodMs - nowMs;
    return {
      status: { allowed, remaining: Math.max(0, count - used), resetMs, retryAfterMs },
      state: entries,
      ttlMs: resetMs,
    };
  },

  lua: `function(state, now, count, period, burst, hits)
    local entries, size, used = {}, 0, 0
    local function append(at, n)
      if size > 0 and math.floor(entries[size - 1] * ${slots} / period) == math.floor(at * ${slots} / period) then
        entries[size - 1] = at
        entries[size] = entries[size] + n
      else
        entries[size + 1], entries[size + 2] = at, n
        size = size + 2
      end
      used = used + n
    end
    if state then
      for i = 1, #state, 2 do
        local at = math.min(state[i], now)
        if now - at < period then append(at, state[i + 1]) end
      end
    end
    local allowed, retry = 0, -1
    if used + hits <= count then
      allowed = 1
      if hits > 0 then append(now, hits) end
    elseif hits <= count then
      local freed, wanted = 0, used + hits - count
      for i = 1, size, 2 do
        freed = freed + entries[i + 1]
        if freed >= wanted then
          retry = entries[i] + period - now
          break
        end
      end
    end
    local reset = 0
    if size > 0 then reset = entries[size - 1] + period - now end
    return allowed, math.max(0, count - used), reset, retry, entries, reset
  end`,
};
