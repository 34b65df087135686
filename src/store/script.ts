import { hash } from 'node:crypto';
import type { Algorithm } from '../core/limit.ts';

/** A Lua script and the name that Redis knows it by. */
export interface Script {
  readonly text: string;
  /** SHA-1 in hexadecimal, as EVALSHA takes it. */
  readonly sha: string;
  /** The place of each algorithm in the script, counted from 1. */
  readonly places: ReadonlyMap<string, number>;
}

/**
 * Runs groups of takes, one group after the other.
 *
 * KEYS: one for each take. ARGV: the time in milliseconds (empty: the server's own), then for each group 1 for
 * all-or-nothing or 0, the number of its takes, and for each take the algorithm's place, count, period, burst, hits.
 * Replies with four integers for each take: allowed, remaining, reset, retry (-1: none).
 *
 * States are read once and written once at the end, packed by cmsgpack: Lua's own number formatting keeps 14 digits only.
 */
const driver = `
local args = #ARGV
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local states, expiries, replies, written = {}, {}, {}, {}
local function read(key)
  local state = states[key]
  if state == nil then
    local packed = redis.call('GET', key)
    state = packed and cmsgpack.unpack(packed) or false
    states[key] = state
  end
  return state or nil
end
local at, first = 2, 1
while at <= args do
  local whole, size = ARGV[at] == '1', tonumber(ARGV[at + 1])
  at = at + 2
  local pending, ttls, refused = {}, {}, false
  local function run(i, state, hits)
    local o = at + i * 5
    return algorithms[tonumber(ARGV[o])](
      state, now, tonumber(ARGV[o + 1]), tonumber(ARGV[o + 2]), tonumber(ARGV[o + 3]), hits)
  end
  for i = 0, size - 1 do
    local key, hits, r = KEYS[first + i], tonumber(ARGV[at + i * 5 + 4]), (first + i) * 4
    local allowed, remaining, reset, retry, state, ttl = run(i, pending[key] or read(key), hits)
    replies[r - 3], replies[r - 2], replies[r - 1], replies[r] = allowed, remaining, reset, retry
    if allowed == 0 then
      refused = true
    elseif hits > 0 then
      pending[key], ttls[key] = state, ttl
    end
  end
  if whole and refused then
    for i = 0, size - 1 do
      local r = (first + i) * 4
      local _, remaining, reset = run(i, read(KEYS[first + i]), 0)
      replies[r - 2], replies[r - 1] = remaining, reset
    end
  else
    for key, state in pairs(pending) do
      if expiries[key] == nil then written[#written + 1] = key end
      states[key], expiries[key] = state, ttls[key]
    end
  end
  at, first = at + size * 5, first + size
end
for _, key in ipairs(written) do
  redis.call('SET', key, cmsgpack.pack(states[key]), 'PX', string.format('%.0f', math.max(1, math.ceil(expiries[key]))))
end
return replies
`;

/** The one script of a store: every algorithm's Lua and the driver. */
export function composeScript(algorithms: Readonly<Record<string, Algorithm>>): Script {
  const names = Object.keys(algorithms);
  const steps = Object.values(algorithms).map(({ lua }) => lua);
  const text = `local algorithms = {\n${steps.join(',\n')}\n}\n${driver}`;
  return {
    text,
    sha: hash('sha1', text),
    places: new Map(names.map((name, index) => [name, index + 1])),
  };
}
