import type { BuildContext } from '../../core/build.ts';
import { openReader, readChoice } from '../../core/options.ts';
import type { SameSite } from './cookies.ts';
import { readSessionKeys } from './keys.ts';
import { defaults } from './schema.ts';

/** How long sessions live, and where. */
export interface SessionOptions {
  readonly store: 'cookie' | 'shared';
  readonly keys: readonly Uint8Array[];
  readonly cookie: string;
  readonly sameSite: SameSite;
  readonly idleMs: number;
  readonly absoluteMs: number;
  /** Tokens are renewed when they would end within this time. */
  readonly refreshBeforeMs: number;
  /** What is remembered of sessions, so that a cookie is opened once. */
  readonly cache: CacheBounds;
}

/** How much is remembered. */
export interface CacheBounds {
  readonly maxSessions: number;
  readonly maxBytes: number;
}

const minute = 60_000;
const day = 24 * 60 * minute;
const cookieName = /^[!#$%&'*+^_`|~0-9A-Za-z-]{1,64}$/;

/** Reads `session:`; what is wrong is an issue. */
export function readSession(id: string, raw: unknown, context: BuildContext): SessionOptions {
  const reader = openReader(raw, (path, message) => context.issue(path, message));
  const files = reader.texts('keys_files', []);
  if (files.length === 0) context.issue(['keys_files'], 'must name at least one file');
  const cookie = reader.text('cookie', `__Host-portcullis-${id}`);
  if (!cookieName.test(cookie) || !cookie.startsWith('__Host-')) {
    context.issue(['cookie'], 'must begin with __Host- and be at most 64 letters, digits, _ and -');
  }
  const idleMs = reader.durationMs('idle', defaults.idle, { minMs: minute, maxMs: 30 * day });
  const absoluteMs = reader.durationMs('absolute', defaults.absolute, { minMs: minute, maxMs: 90 * day });
  if (idleMs > absoluteMs) context.issue(['idle'], 'must not be longer than absolute');
  return {
    store: readChoice(reader, context, 'store', ['cookie', 'shared']),
    keys: readSessionKeys(files, context.at('keys_files')),
    cookie,
    sameSite: readChoice(reader, context, 'same_site', ['lax', 'strict']) === 'strict' ? 'Strict' : 'Lax',
    idleMs,
    absoluteMs,
    refreshBeforeMs: reader.durationMs('refresh_before', defaults.refreshBefore, { minMs: 1000, maxMs: day }),
    cache: readCache(reader.raw('cache') ?? {}, context.at('cache')),
  };
}

function readCache(raw: unknown, context: BuildContext): CacheBounds {
  const reader = openReader(raw, (path, message) => context.issue(path, message));
  return {
    maxSessions: reader.integer('max_sessions', defaults.maxSessions, { min: 1, max: 10_000_000 }),
    maxBytes: reader.bytes('max_bytes', defaults.maxBytes, { min: 64 * 1024, max: 4 * 1024 ** 3 }),
  };
}
