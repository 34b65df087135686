import type { HeaderMap } from '../../core/attributes.ts';
import { readCookie } from './cookies.ts';
import type { OidcParts } from './parts.ts';
import type { Session } from './session.ts';

/**
 * Ends the session that a request brings, on every replica and with all copies of its cookie; undefined where there was none.
 * Rejects with a StoreUnavailable.
 */
export async function endSession(parts: OidcParts, headers: HeaderMap): Promise<Session | undefined> {
  const { keeper, revocations, options, clock } = parts;
  const cookie = readCookie(headers, options.session.cookie);
  const lookup = cookie.kind === 'text' ? await keeper.find(cookie.text) : undefined;
  if (cookie.kind !== 'text' || lookup?.kind !== 'found') return undefined;
  const { session } = lookup.found;
  const endsMs = session.loginMs + options.session.absoluteMs;
  if (clock.nowMs() < endsMs) {
    await revocations.revoke({
      kind: 'credential',
      source: parts.id,
      value: session.id,
      beforeMs: undefined,
      untilMs: endsMs,
    });
  }
  await keeper.end(cookie.text);
  return session;
}
