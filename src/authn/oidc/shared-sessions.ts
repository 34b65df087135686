import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../core/clock.ts';
import type { ValueStore } from '../../core/state.ts';
import type { Sealer } from './seal.ts';
import { decodeSession, encodeSession, type Session } from './session.ts';
import {
  bytesPerCharacter,
  digestOf,
  ended,
  type FoundSession,
  invalid,
  type KeeperParts,
  type Lookup,
  longestText,
  type SessionKeeper,
} from './session-keeper.ts';

/** What keepers of shared sessions need besides. */
interface SharedParts extends KeeperParts {
  readonly records: Sealer;
  readonly values: ValueStore;
  readonly clock: Clock;
  readonly idleMs: number;
  readonly absoluteMs: number;
}

/** What is remembered of a cookie's text: the name in it, and for a while the session. */
interface Remembered {
  readonly digest: string;
  readonly id: string;
  found: FoundSession | undefined;
  untilMs: number;
}

const idBytes = 32;
const idForm = /^[A-Za-z0-9_-]{43}$/;
// So long another replica's renewal may stay unseen; revocations are seen at once, for they are asked each time.
const rememberedMs = 5000;

/**
 * Sessions in the store that replicas share: the cookie holds a random name of 256 bits and nothing else, and a record is
 * kept under the hash of it, encrypted, for the tokens in it are secrets at rest too.
 */
export function keepInStore(parts: SharedParts): SessionKeeper {
  const { sealer, context, clock, principalOf, cache } = parts;
  const records = openRecords(parts);
  const remembered = new LRUCache<string, Remembered>({ max: cache.maxSessions, maxSize: cache.maxBytes });
  const remember = (known: Remembered, length: number): void =>
    void remembered.set(known.digest, known, { size: length * bytesPerCharacter });
  const recall = (text: string): Remembered | undefined => {
    if (text.length > longestText) return undefined;
    const digest = digestOf(text);
    const known = remembered.get(digest);
    if (known !== undefined) return known;
    const id = sealer.open(text, context);
    if (id === undefined || !idForm.test(id)) return undefined;
    const fresh: Remembered = { digest, id, found: undefined, untilMs: 0 };
    remember(fresh, text.length);
    return fresh;
  };
  /** The name in the text of a session that has been found; what is remembered of the session is over. */
  const forget = (text: string): string => {
    const known = recall(text);
    if (known === undefined) throw new TypeError('the session was not found');
    known.found = undefined;
    return known.id;
  };
  const load = async (known: Remembered): Promise<Lookup> => {
    const record = await records.get(known.id);
    const principal = record && principalOf(record.session);
    if (record === undefined || principal === undefined) return ended;
    known.found = { session: record.session, principal: Object.freeze(principal) };
    known.untilMs = clock.monotonicMs() + rememberedMs;
    remember(known, record.length);
    return { kind: 'found', found: known.found };
  };
  return {
    recognises: (text) => recall(text) !== undefined,
    find: (text, afresh) => {
      const known = recall(text);
      if (known === undefined) return invalid;
      const { found } = known;
      const good = found !== undefined && afresh === undefined && clock.monotonicMs() < known.untilMs;
      return good ? { kind: 'found', found } : load(known);
    },
    begin: async (session) => {
      const id = randomBytes(idBytes).toString('base64url');
      await records.put(id, session);
      return sealer.seal(id, context);
    },
    update: async (text, session) => {
      await records.put(forget(text), session);
      return text;
    },
    touch: async (text, session) => {
      await records.see(forget(text), session.seenMs);
      return text;
    },
    end: async (text) => {
      if (recall(text) !== undefined) await records.remove(forget(text));
    },
  };
}

/**
 * Records by the name that a cookie holds. When a session was last used stands beside it, so that noting a use can never
 * undo a renewal.
 */
function openRecords({ records, context, values, idleMs, absoluteMs }: SharedParts) {
  const prefix = `oidc/session/${digestOf(JSON.stringify(context))}`;
  const keysOf = (id: string) => {
    const name = digestOf(id);
    return { name, record: `${prefix}/${name}`, seen: `${prefix}/${name}/seen` };
  };
  const see = (id: string, seenMs: number): Promise<void> => values.put(keysOf(id).seen, String(seenMs), idleMs);
  return {
    see,
    put: async (id: string, session: Session): Promise<void> => {
      const { name, record } = keysOf(id);
      const sealed = records.seal(encodeSession(session), [...context, name]);
      await Promise.all([values.put(record, sealed, absoluteMs), see(id, session.seenMs)]);
    },
    /** The session, and how long its record is; undefined when there is none, or it was idle for too long. */
    get: async (id: string): Promise<{ readonly session: Session; readonly length: number } | undefined> => {
      const keys = keysOf(id);
      const [record, seen] = await Promise.all([values.get(keys.record), values.get(keys.seen)]);
      if (record === undefined || seen === undefined) return undefined;
      const plain = records.open(record, [...context, keys.name]);
      const session = plain === undefined ? undefined : decodeSession(plain);
      return session && { session: { ...session, seenMs: Number(seen) }, length: record.length };
    },
    remove: async (id: string): Promise<void> => {
      const keys = keysOf(id);
      await Promise.all([values.remove(keys.record), values.remove(keys.seen)]);
    },
  };
}
