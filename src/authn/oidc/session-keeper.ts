import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Principal } from '../../core/principal.ts';
import type { Sealer } from './seal.ts';
import { decodeSession, encodeSession, type Session } from './session.ts';
import type { CacheBounds } from './session-options.ts';

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
export interface KeeperParts {
  readonly sealer: Sealer;
  /** What a cookie is bound to: the identity, the host, the cookie's name. */
  readonly context: readonly string[];
  /** Undefined for a session whose claims no longer serve. */
  readonly principalOf: (session: Session) => Principal | undefined;
  readonly cache: CacheBounds;
}

/** Bytes of memory for a character of a session: the text, and the objects that are made of it. */
export const bytesPerCharacter = 3;
/** A cookie of more characters is none of ours. */
export const longestText = 20_000;
/** What is no cookie of ours. */
export const invalid: Lookup = Object.freeze({ kind: 'invalid' });
/** What was one. */
export const ended: Lookup = Object.freeze({ kind: 'ended' });

/** The name under which something is remembered; the thing itself is not kept. */
export const digestOf = (text: string): string => hash('sha256', text, 'base64url');

/** Whole sessions in cookies: nothing is kept here, and what was opened once is remembered. */
export function keepInCookies({ sealer, context, principalOf, cache }: KeeperParts): SessionKeeper {
  // Nobody can fill it: only what we sealed ourselves gets in.
  const opened = new LRUCache<string, FoundSession>({ max: cache.maxSessions, maxSize: cache.maxBytes });
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
      opened.set(digest, found, { size: text.length * bytesPerCharacter });
      return { kind: 'found', found };
    },
    begin: async (session) => seal(session),
    update: async (_text, session) => seal(session),
    touch: async (_text, session) => seal(session),
    end: async (text) => void opened.delete(digestOf(text)),
  };
}
