import { parsePrefix } from '../../core/address.ts';
import type { Ban, BanTarget } from '../../core/ban.ts';
import { isObject, type JsonObject, own } from '../../core/json.ts';
import { parseStrictJson } from '../../core/strict-json.ts';

/** The end of bans of a target: of those that were made by then, and that would have ended by itself until then. */
export interface Lift {
  readonly target: BanTarget;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Milliseconds since the epoch; undefined: also of bans without an end. */
  readonly untilMs: number | undefined;
}

/** What the log holds. */
export type BanEntry = { readonly kind: 'ban'; readonly ban: Ban } | { readonly kind: 'lift'; readonly lift: Lift };

/** The encoding of entries; a reader passes over those of another one. */
const encoding = 1;
const maxBytes = 16 * 1024;

/** Who is meant, as members: `address` or `principal`. */
const targetMembers = (target: BanTarget): JsonObject =>
  target.kind === 'address' ? { address: target.prefix } : { principal: target.key };

/** A ban, or the end of some, as an entry of the log. */
export function encodeEntry(entry: BanEntry): string {
  if (entry.kind === 'lift') {
    const { target, atMs, untilMs } = entry.lift;
    return JSON.stringify({ v: encoding, kind: 'lift', ...targetMembers(target), at: atMs, until: untilMs ?? null });
  }
  const { id, target, tighten, by, why, sinceMs, untilMs } = entry.ban;
  const end = { since: sinceMs, until: untilMs ?? null };
  return JSON.stringify({
    v: encoding,
    kind: 'ban',
    id,
    ...targetMembers(target),
    tighten: tighten ?? null,
    by,
    why,
    ...end,
  });
}

/** What an entry says; undefined when it is nothing that we understand. Members that we do not know are passed over. */
export function decodeEntry(entry: string): BanEntry | undefined {
  const parsed = parseStrictJson(new TextEncoder().encode(entry), { maxBytes, maxDepth: 4 });
  if (!parsed.ok || !isObject(parsed.value)) return undefined;
  const members: JsonObject = parsed.value;
  const target = readTarget(members);
  const until = own(members, 'until');
  if (own(members, 'v') !== encoding || target === undefined || !(until === null || isTime(until))) return undefined;
  const untilMs = until ?? undefined;
  switch (own(members, 'kind')) {
    case 'ban':
      return readBan(members, target, untilMs);
    case 'lift': {
      const atMs = own(members, 'at');
      return isTime(atMs) ? { kind: 'lift', lift: { target, atMs, untilMs } } : undefined;
    }
    default:
      return undefined;
  }
}

// What is no date could not be written down, and would spoil every list that it stands in.
const isTime = (value: unknown): value is number =>
  typeof value === 'number' && !Number.isNaN(new Date(value).getTime());
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isWeight = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 2;

function readTarget(members: JsonObject): BanTarget | undefined {
  const [address, principal] = [own(members, 'address'), own(members, 'principal')];
  if (isText(principal)) return address === undefined ? { kind: 'principal', key: principal } : undefined;
  // Two texts of one network would be two targets.
  if (!isText(address) || parsePrefix(address)?.text !== address) return undefined;
  return { kind: 'address', prefix: address };
}

function readBan(members: JsonObject, target: BanTarget, untilMs: number | undefined): BanEntry | undefined {
  const [id, by, why] = [own(members, 'id'), own(members, 'by'), own(members, 'why')];
  const [tighten, sinceMs] = [own(members, 'tighten'), own(members, 'since')];
  if (!isText(id) || !isText(by) || typeof why !== 'string' || !isTime(sinceMs)) return undefined;
  if (tighten !== null && !isWeight(tighten)) return undefined;
  return { kind: 'ban', ban: { id, target, tighten: tighten ?? undefined, by, why, sinceMs, untilMs } };
}
