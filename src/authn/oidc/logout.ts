import { buildEndSessionUrl, tokenRevocation } from 'openid-client';
import type { HeaderMutation } from '../../core/decision.ts';
import type { Endpoint, EndpointAnswer, EndpointRequest } from '../../core/endpoint.ts';
import { StoreUnavailable } from '../../core/unavailable.ts';
import { isOwnNavigation, isSameOrigin } from '../browser.ts';
import type { Known } from '../provider-side/provider/index.ts';
import { clearCookie } from './cookies.ts';
import { endSession } from './end-session.ts';
import { confirmPage, problemPage, seeOther } from './page.ts';
import { type OidcParts, pagePath } from './parts.ts';
import { failureOf } from './provider-failure.ts';
import { forgetRounds } from './rounds.ts';
import type { Session } from './session.ts';

/**
 * The page that ends a session here and then, where it can, at the provider (OpenID Connect RP-Initiated Logout 1.0). A POST
 * must come from a page of the public origin; a GET ends a session when a person followed a link there or typed the address,
 * and otherwise only asks.
 */
export const logoutPage = (parts: OidcParts): Endpoint => ({
  methods: ['GET', 'POST'],
  handle: async (request, signal) => {
    if (request.method === 'GET' && !isOwnNavigation(request)) return confirmPage(pagePath(parts.id, 'logout'));
    const { publicUrl, logout } = parts.options;
    const lead = { path: logout.after, words: 'Go on' };
    if (request.method !== 'GET' && !isSameOrigin(request, publicUrl))
      return problemPage(request, 'other_origin', lead);
    // Whatever else fails, this browser forgets its session.
    const { cookie } = parts.options.session;
    const cleared = [...clearCookie(cookie, request.headers), forgetRounds(cookie)];
    try {
      const session = await logOut(parts, request);
      return await leave(parts, session, cleared, signal);
    } catch (error) {
      if (error instanceof StoreUnavailable) return problemPage(request, 'store_unavailable', lead, cleared);
      throw error;
    }
  },
});

/** Ends a session, and tells audit of it. */
async function logOut(parts: OidcParts, { headers }: EndpointRequest): Promise<Session | undefined> {
  const session = await endSession(parts, headers);
  if (session === undefined) return undefined;
  parts.accounts.account({
    activity: 'logout',
    identity: parts.id,
    by: 'person',
    subject: session.sub,
    session: session.id,
    refusal: undefined,
  });
  return session;
}

async function leave(
  parts: OidcParts,
  session: Session | undefined,
  cleared: readonly HeaderMutation[],
  signal: AbortSignal,
): Promise<EndpointAnswer> {
  const { publicUrl, logout } = parts.options;
  const after = `${publicUrl}${logout.after}`;
  const known = session && (await parts.provider.find(signal));
  if (session === undefined || known === undefined) return seeOther(after, cleared);
  void giveBack(parts, known, session);
  if (!logout.rpInitiated || known.metadata['end_session_endpoint'] === undefined) return seeOther(after, cleared);
  const url = buildEndSessionUrl(known.configuration, {
    post_logout_redirect_uri: after,
    ...(session.idToken !== undefined && { id_token_hint: session.idToken }),
  });
  return seeOther(url.href, cleared);
}

/** Tells the provider that the refresh token is not needed any more (RFC 7009); nobody waits for it. Never rejects. */
async function giveBack(
  parts: OidcParts,
  { metadata, configuration }: Known,
  { refreshToken }: Session,
): Promise<void> {
  if (refreshToken === undefined || metadata['revocation_endpoint'] === undefined) return;
  try {
    await tokenRevocation(configuration, refreshToken, { token_type_hint: 'refresh_token' });
  } catch (error) {
    parts.log.warn(
      { identity: parts.id, problem: failureOf(error).problem },
      'a refresh token could not be given back',
    );
  }
}
