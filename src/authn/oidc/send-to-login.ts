import type { NormalRequest } from '../../core/attributes.ts';
import type { Reason } from '../../core/reason.ts';
import { type Detail, fail, type Refusal, reject, type StepUp } from '../../core/verdict.ts';
import { isNavigation } from '../browser.ts';
import { challengeHeaders } from '../challenge.ts';
import { clearCookie, hasCookie } from './cookies.ts';
import { beginLogin } from './login.ts';
import { challengeOf, type OidcParts } from './parts.ts';
import { returnAddress } from './return-address.ts';
import { goesAround } from './rounds.ts';

/** A session that is none, or no more: a person on the way to a page is sent to log in, and anything else is told. */
export async function over(
  parts: OidcParts,
  request: NormalRequest,
  reason: Reason,
  detail: Detail,
  signal: AbortSignal,
): Promise<Refusal> {
  return send(parts, request, reason, { identity: parts.id, ...detail }, undefined, signal);
}

/** What becomes of a request without a session, or without one that is strong enough; see Authenticator. */
export async function logIn(
  parts: OidcParts,
  request: NormalRequest,
  demand: StepUp | undefined,
  signal: AbortSignal,
): Promise<Refusal> {
  const reason = demand === undefined ? 'login_required' : 'step_up_required';
  return send(parts, request, reason, { identity: parts.id }, demand, signal);
}

async function send(
  parts: OidcParts,
  request: NormalRequest,
  reason: Reason,
  detail: Detail,
  demand: StepUp | undefined,
  signal: AbortSignal,
): Promise<Refusal> {
  const { login, publicUrl, session } = parts.options;
  const told = challengeHeaders([challengeOf(parts)]);
  // On another host neither the cookie of the login nor that of the session would ever come back.
  if (!isNavigation(request) || request.host !== URL.parse(publicUrl)?.hostname) {
    return reject(reason, detail, { headers: told });
  }
  if (goesAround(request.headers, session.cookie))
    return reject(reason, { ...detail, problem: 'loop' }, { headers: told });
  const returnTo = returnAddress(request.path, request.query, login.landing);
  const renews = hasCookie(request.headers, session.cookie) && demand === undefined;
  const begun = await beginLogin(parts, request.headers, { returnTo, renews, demand }, signal);
  if (begun === undefined) return fail('provider_unavailable', { identity: parts.id });
  const cleared = demand === undefined ? clearCookie(session.cookie, request.headers) : [];
  return reject(reason, detail, { redirect: begun.location, headers: [...begun.cookies, ...cleared] });
}
