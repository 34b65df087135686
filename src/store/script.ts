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
 * all-or-nothing or 0, the number of its takes, and for each take its rule ("place count period burst") and its hits.
 * Replies with four integers for each take: allowed, remaining, reset, retry (-1: none).
 *
 * States are read once and written once at the end, as packed doubles: Lua's own number formatting keeps 14 digits only.
 */
const driver = `
local call, tonumber = redis.call, tonumber
local now = tonumber(ARGV[1])
-- A time that is not the server's says nothing of when the server should forget.
local extra = now and 60000 or 0
if not now then
  local time = call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local states, expiries, written, rules, replies = {}, {}, {}, {}, {}

local function ruleOf(text)
  local place, count, period, burst = string.match(text, '(%S+) (%S+) (%S+) (%S+)')
  local rule = { algorithms[tonumber(place)], tonumber(count), tonumber(period), tonumber(burst) }
  rules[text] = rule
  return rule
end

local formats = {}
local function formatOf(size)
  local format = formats[size] or '<' .. string.rep('d', size)
  formats[size] = format
  return format
end

local function read(key)
  local state = states[key]
  if state == nil then
    local packed = call('GET', key)
    state = false
    if packed then
      local size = #packed / 8
      state = { struct.unpack(formatOf(size), packed) }
      state[size + 1] = nil -- unpack ends with the place where it stopped
    end
    states[key] = state
  end
  return state or nil
end

local function run(at, state, hits)
  local rule = rules[ARGV[at]] or ruleOf(ARGV[at])
  return rule[1](state, now, rule[2], rule[3], rule[4], hits)
end

local args, at, take = #ARGV, 2, 1
while at <= args do
  local whole, size = ARGV[at] == '1', tonumber(ARGV[at + 1])
  local first, last, refused = take, take + size - 1, false
  local pending, ttls = {}, {}
  local begin = at + 2
  at = begin
  for i = first, last do
    local key, hits, r = KEYS[i], tonumber(ARGV[at + 1]), i * 4
    local allowed, remaining, reset, retry, state, ttl = run(at, pending[key] or read(key), hits)
    replies[r - 3], replies[r - 2], replies[r - 1], replies[r] = allowed, remaining, reset, retry
    if allowed == 0 then
      refused = true
    elseif hits > 0 then
      pending[key], ttls[key] = state, ttl
    end
    at = at + 2
  end
  if whole and refused then
    -- Nothing counted, so what is left is what was left before.
    for i = first, last do
      local _, remaining, reset = run(begin + (i - first) * 2, read(KEYS[i]), 0)
      replies[i * 4 - 2], replies[i * 4 - 1] = remaining, reset
    end
  else
    for key, state in pairs(pending) do
      if not expiries[key] then written[#written + 1] = key end
      states[key], expiries[key] = state, ttls[key]
    end
  end
  take = last + 1
end

for _, key in ipairs(written) do
  local state = states[key]
  local packed = struct.pack(formatOf(#state), unpack(state))
  call('SET', key, packed, 'PX', string.format('%.0f', math.max(1, math.ceil(expiries[key])) + extra))
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
