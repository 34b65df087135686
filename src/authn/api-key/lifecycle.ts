import { parseDateTimeMs } from '../../core/date-time.ts';
import { isKeyId } from './format.ts';
import { type KeyWords, mintApiKey } from './mint.ts';

/** What becomes of a key: expiring is active with an end that is near. */
type KeyState = 'active' | 'expiring' | 'expired' | 'revoked';

/** What a rotation is asked for. */
interface Rotation {
  readonly nowMs: number;
  /** For how long the old key stays good, if it does not end earlier by itself. */
  readonly overlapMs: number;
  /** The ids that are taken. */
  readonly taken: Pick<ReadonlySet<string>, 'has'>;
  /** The id of the new key; default: the old one's, with a count. */
  readonly id?: string;
  /** Default: the new key lives as long as the old one was meant to. */
  readonly expires?: string;
}

/** How near an end has to be for a key to be expiring: two weeks. */
const nearMs = 14 * 86_400_000;
const longestId = 32;

/** A time in the words of a keys file, in whole seconds. */
export const timeText = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

const endOf = ({ expires }: KeyWords): number =>
  (expires === undefined ? undefined : parseDateTimeMs(expires)) ?? Number.POSITIVE_INFINITY;

/** The state of a key at a time. */
export function keyState(entry: KeyWords, nowMs: number): KeyState {
  if (entry.revoked !== undefined) return 'revoked';
  const endMs = endOf(entry);
  if (nowMs >= endMs) return 'expired';
  return endMs - nowMs <= nearMs ? 'expiring' : 'active';
}

/** The entry of a key that is taken back; one that was stays as it is. */
export const revokedKey = (entry: KeyWords, nowMs: number): KeyWords => ({ revoked: timeText(nowMs), ...entry });

/**
 * A new key for the same owner, with the same rights, and the old entry with its end: now and the overlap, and never later
 * than it was. Throws RangeError where there is nothing to rotate.
 */
export function rotateKey(old: KeyWords, rotation: Rotation) {
  const { nowMs, overlapMs, taken } = rotation;
  if (old.revoked !== undefined) throw new RangeError(`the key "${old.id}" has been revoked; make a new one`);
  const { hash: _hash, expires: _expires, created: _created, id: _id, ...rights } = old;
  const expires = rotation.expires ?? sameLife(old, nowMs);
  const { key, entry } = mintApiKey({
    ...rights,
    id: rotation.id ?? nextId(old.id, taken),
    ...(expires === undefined ? {} : { expires }),
    created: timeText(nowMs),
  });
  const endMs = nowMs + overlapMs;
  return { key, entry, old: endMs < endOf(old) ? { ...old, expires: timeText(endMs) } : old };
}

/** As long a life as the old key was given; the old end, where nobody knows when it was made. */
function sameLife(old: KeyWords, nowMs: number): string | undefined {
  const createdMs = old.created === undefined ? undefined : parseDateTimeMs(old.created);
  if (old.expires === undefined || createdMs === undefined) return old.expires;
  return timeText(nowMs + endOf(old) - createdMs);
}

/** acme, acmev2, acmev3: the first that is free. */
function nextId(id: string, taken: Rotation['taken']): string {
  const [, base = id, count = '1'] = /^(.*?)v(\d{1,6})$/.exec(id) ?? [];
  for (let next = Number(count) + 1; ; next += 1) {
    const suffix = `v${next}`;
    const name = `${base.slice(0, longestId - suffix.length)}${suffix}`;
    if (isKeyId(name) && !taken.has(name)) return name;
  }
}
