import type { NormalRequest } from '../../core/attributes.ts';
import type { HeaderMutation } from '../../core/decision.ts';
import { type Identified, identified } from '../../core/identified.ts';
import { unlessAborted } from '../../core/patience.ts';
import type { Reason } from '../../core/reason.ts';
import { StoreUnavailable } from '../../core/unavailable.ts';
import { abstain, fail, passWith, reject, type Verdict } from '../../core/verdict.ts';
import { isSameOrigin, isUnsafe } from '../browser.ts';
import { challengeHeaders } from '../challenge.ts';
import { readCookie, writeCookie } from './cookies.ts';
import { challengeOf, type OidcParts, type Renewal } from './parts.ts';
import { over } from './send-to-login.ts';
import type { FoundSession, Lookup } from './session-keeper.ts';
import { type Standing, standingOf } from './standing.ts';

/** Who a session cookie speaks for; see Authenticator. */
export async function authenticate(
  parts: OidcParts,
  request: NormalRequest,
  signal: AbortSignal,
): Promise<Verdict<Identified>> {
  const { options, keeper, id } = parts;
  const presented = readCookie(request.headers, options.session.cookie);
  if (presented.kind === 'absent') return abstain();
  if (isUnsafe(request) && !isSameOrigin(request, options.publicUrl)) {
    return reject('origin_mismatch', { identity: id }, { headers: challengeHeaders([challengeOf(parts)]) });
  }
  if (presented.kind === 'malformed') return over(parts, request, 'session_invalid', { problem: 'parts' }, signal);
  try {
    const lookup = await keeper.find(presented.text);
    if (lookup.kind === 'found') return await judge(parts, request, presented.text, lookup.found, signal);
    return await over(parts, request, reasonOf(lookup), {}, signal);
  } catch (error) {
    if (error instanceof StoreUnavailable) return fail('session_store_unavailable', { identity: id });
    throw error;
  }
}

const reasonOf = (lookup: Exclude<Lookup, { readonly kind: 'found' }>): Reason =>
  lookup.kind === 'invalid' ? 'session_invalid' : 'session_expired';

async function judge(
  parts: OidcParts,
  request: NormalRequest,
  text: string,
  found: FoundSession,
  signal: AbortSignal,
): Promise<Verdict<Identified>> {
  const { options, clock } = parts;
  // Asked again for every kind of identity; here, so that a person whose session was ended elsewhere can log in again.
  const revocation = parts.revocations.find(found.principal);
  if (revocation !== undefined) {
    return over(parts, request, 'credential_revoked', { revoked: revocation.kind }, signal);
  }
  const standing = standingOf(found.session, options.session, clock.nowMs());
  if (standing.over) return over(parts, request, 'session_expired', {}, signal);
  // What is renewed for a shadow rule would reach nobody: it takes the person to be here.
  if (standing.due && parts.watches) return passed(parts.id, found, none);
  if (standing.due) return renewed(parts, request, text, found, standing, signal);
  if (!standing.valid) return over(parts, request, 'session_expired', { problem: 'tokens' }, signal);
  return goesOn(parts, request, text, found, standing);
}

const none: readonly HeaderMutation[] = Object.freeze([]);

const passed = (identity: string, { principal, session }: FoundSession, response: readonly HeaderMutation[]) =>
  passWith(identified(principal, response), { identity, session: session.id });

const goesOn = async (
  parts: OidcParts,
  request: NormalRequest,
  text: string,
  found: FoundSession,
  { unseen }: Standing,
): Promise<Verdict<Identified>> =>
  passed(parts.id, found, unseen && !parts.watches ? await seen(parts, request, text, found) : none);

/** Notes the use of a session; where that cannot be done, it goes on for as long as it may be idle. */
async function seen(
  parts: OidcParts,
  request: NormalRequest,
  text: string,
  { session }: FoundSession,
): Promise<readonly HeaderMutation[]> {
  try {
    const next = await parts.keeper.touch(text, { ...session, seenMs: parts.clock.nowMs() });
    return next === text ? none : cookieLines(parts, request, next);
  } catch (error) {
    if (error instanceof StoreUnavailable) return none;
    throw error;
  }
}

function cookieLines(parts: OidcParts, request: NormalRequest, text: string): readonly HeaderMutation[] {
  const { cookie, sameSite } = parts.options.session;
  const lines = writeCookie(cookie, text, sameSite, request.headers);
  if (lines === undefined)
    parts.log.error({ identity: parts.id }, 'a session does not fit into cookies: use session.store: shared');
  return lines ?? none;
}

// While the tokens are good nobody waits longer for new ones: what comes later is handed to the next request.
const patienceMs = 1000;
// What was handed over may have ended meanwhile, and is renewed in its turn.
const mostSteps = 3;
const unavailable: Renewal = Object.freeze({ kind: 'unavailable' });

/** Renews a session's tokens; while the old ones are good, a provider that is away is nobody's trouble. */
async function renewed(
  parts: OidcParts,
  request: NormalRequest,
  text: string,
  found: FoundSession,
  standing: Standing,
  signal: AbortSignal,
): Promise<Verdict<Identified>> {
  const { id, keeper, options, clock } = parts;
  const bound = standing.valid ? AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) : signal;
  let now: Current = { text, found, standing };
  for (let steps = 0; steps < mostSteps; steps += 1) {
    const renewal = await renewOnce(parts, now, bound);
    if (renewal.kind === 'ended') return over(parts, request, 'session_expired', { problem: 'refresh' }, signal);
    if (renewal.kind === 'unavailable') break;
    const lookup = await keeper.find(renewal.text, 'afresh');
    if (lookup.kind !== 'found') return over(parts, request, reasonOf(lookup), {}, signal);
    const next = standingOf(lookup.found.session, options.session, clock.nowMs());
    const lost = next.over || !(next.valid || next.due);
    if (lost) return over(parts, request, 'session_expired', { problem: 'tokens' }, signal);
    now = { text: renewal.text, found: lookup.found, standing: next };
    if (next.valid) break;
  }
  const changed = now.text !== text;
  if (now.standing.valid && !changed) return goesOn(parts, request, text, now.found, now.standing);
  const lines = changed ? cookieLines(parts, request, now.text) : none;
  return now.standing.valid ? passed(id, now.found, lines) : fail('provider_unavailable', { identity: id }, lines);
}

interface Current {
  readonly text: string;
  readonly found: FoundSession;
  readonly standing: Standing;
}

const renewOnce = ({ renewals }: OidcParts, { text, found, standing }: Current, bound: AbortSignal): Promise<Renewal> =>
  unlessAborted(renewals.renew(text, found.session), bound, unavailable).catch((error: unknown) => {
    // Without the store nobody knows whether another replica has used the token.
    if (standing.valid && error instanceof StoreUnavailable) return unavailable;
    throw error;
  });

/** What stands in a session cookie, for explain; see Authenticator. */
export function describe({ options, keeper }: OidcParts, { headers }: NormalRequest): string {
  const presented = readCookie(headers, options.session.cookie);
  switch (presented.kind) {
    case 'absent':
      return 'nothing';
    case 'malformed':
      return 'parts of a session cookie that do not belong together';
    case 'text':
      return keeper.recognises(presented.text) ? 'a session cookie of ours' : 'a session cookie that does not open';
    default:
      return presented satisfies never;
  }
}
