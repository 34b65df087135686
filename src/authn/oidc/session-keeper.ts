import { hash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../core/clock.ts';
import type { Principal } from '../../core/principal.ts';
import type { ValueStore } from '../../core/state.ts';
import type { Sealer } from './seal.ts';
import { decodeSession, encodeSession, type Session } from './session.ts';

/** A session that was found, and who it speaks for. */
export interface FoundSession {
  readonly session: Session;
  readonly principal: Principal;
}

/** What a session cookie leads to. ended: it was one of ours once. */
export type Lookup =
  | { readonly kind: 'found'; readonly found: FoundSession }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'ended' };

/** Where sessions are between requests. Every promise may reject with a StoreUnavailable. */
export interface SessionKeeper {
  /** Whether a cookie's text is one that we sealed; says nothing of its session. */
  recognises(text: string): boolean;
  /** The session of a cookie's text. afresh: what is remembered of it does not count. */
  find(text: string, afresh?: 'afresh'): Lookup | Promise<Lookup>;
  /** Keeps a new session; the text for its cookie. */
  begin(session: Session): Promise<string>;
  /** Keeps what became of a session; the text for its cookie, which may be the same. */
  update(text: string, session: Session): Promise<string>;
  /** Notes that the session was used; the text for its cookie, which may be the same. */
  touch(text: string, session: Session): Promise<string>;
  /** Forgets the session of a cookie's text. */
  end(text: string): Promise<void>;
}

/** What keepers need. */
interface KeeperParts {
  readonly sealer: Sealer;
  /** What a cookie is bound to: the identity, the host, the cookie's name. */
  readonly context: readonly string[];
  /** Undefined for a session whose claims no longer serve. */
  readonly principalOf: (session: Session) => Principal | undefined;
}

const mostCached = 20_000;
// Counted in characters of cookies, as the sessions in them are about as large.
const cachedLength = 32 * 1024 ** 2;
const longestText = 20_000;
const invalid: Lookup = Object.freeze({ kind: 'invalid' });
const ended: Lookup = Object.freeze({ kind: 'ended' });

/** The name under which something is remembered; the thing itself is not kept. */
const digestOf = (text: string): string => hash('sha256', text, 'base64url');

/** Whole sessions in cookies: nothing is kept here, and what was opened once is remembered. */
export function keepInCookies({ sealer, context, principalOf }: KeeperParts): SessionKeeper {
  // Nobody can fill it: only what we sealed ourselves gets in.
  const opened = new LRUCache<string, FoundSession>({ max: mostCached, maxSize: cachedLength });
  const seal = (session: Session): string => sealer.seal(encodeSession(session), context);
  return {
    recognises: (text) => text.length <= longestText && sealer.open(text, context) !== undefined,
    find: (text) => {
      if (text.length > longestText) return invalid;
      const digest = digestOf(text);
      const known = opened.get(digest);
      if (known !== undefined) return { kind: 'found', found: known };
      const plain = sealer.open(text, context);
      if (plain === undefined) return invalid;
      const session = decodeSession(plain);
      const principal = session && principalOf(session);
      if (session === undefined || principal === undefined) return ended;
      const found = { session, principal: Object.freeze(principal) };
      opened.set(digest, found, { size: text.length });
      return { kind: 'found', found };
    },
    begin: async (session) => seal(session),
    update: async (_text, session) => seal(session),
    touch: async (_text, session) => seal(session),
    end: async (text) => void opened.delete(digestOf(text)),
  };
}

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
  const { sealer, records, context, values, clock, idleMs, absoluteMs, principalOf } = parts;
  const remembered = new LRUCache<string, Remembered>({ max: mostCached });
  const recall = (text: string): Remembered | undefined => {
    if (text.length > longestText) return undefined;
    const digest = digestOf(text);
    const known = remembered.get(digest);
    if (known !== undefined) return known;
    const id = sealer.open(text, context);
    if (id === undefined || !idForm.test(id)) return undefined;
    const fresh: Remembered = { id, found: undefined, untilMs: 0 };
    remembered.set(digest, fresh);
    return fresh;
  };
  /** What is remembered of the text of a session that has been found, from now on without the session. */
  const forget = (text: string): Remembered => {
    const known = recall(text);
    if (known === undefined) throw new TypeError('the session was not found');
    known.found = undefined;
    return known;
  };
  const prefix = `oidc/session/${digestOf(JSON.stringify(context))}`;
  const recordKey = (name: string): string => `${prefix}/${name}`;
  const seenKey = (name: string): string => `${prefix}/${name}/seen`;
  const keep = (name: string, session: Session): Promise<void> =>
    values.put(recordKey(name), records.seal(encodeSession(session), [...context, name]), absoluteMs);
  const see = (name: string, seenMs: number): Promise<void> => values.put(seenKey(name), String(seenMs), idleMs);

  const load = async (known: Remembered): Promise<Lookup> => {
    const name = digestOf(known.id);
    const [record, seen] = await Promise.all([values.get(recordKey(name)), values.get(seenKey(name))]);
    const plain = record === undefined ? undefined : records.open(record, [...context, name]);
    const kept = plain === undefined ? undefined : decodeSession(plain);
    const session = kept && seen !== undefined ? { ...kept, seenMs: Number(seen) } : undefined;
    const principal = session && principalOf(session);
    if (session === undefined || principal === undefined) return ended;
    known.found = { session, principal: Object.freeze(principal) };
    known.untilMs = clock.monotonicMs() + rememberedMs;
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
      await Promise.all([keep(digestOf(id), session), see(digestOf(id), session.seenMs)]);
      return sealer.seal(id, context);
    },
    update: async (text, session) => {
      const name = digestOf(forget(text).id);
      await Promise.all([keep(name, session), see(name, session.seenMs)]);
      return text;
    },
    touch: async (text, session) => {
      await see(digestOf(forget(text).id), session.seenMs);
      return text;
    },
    end: async (text) => {
      if (recall(text) === undefined) return;
      const name = digestOf(forget(text).id);
      await Promise.all([values.remove(recordKey(name)), values.remove(seenKey(name))]);
    },
  };
}
