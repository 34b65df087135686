import { randomBytes } from 'node:crypto';
import type { Endpoint, EndpointAnswer, EndpointRequest } from '../../core/endpoint.ts';
import { StoreUnavailable } from '../../core/unavailable.ts';
import type { Known } from '../provider-side/provider/index.ts';
import { clearCookie, readCookie, writeCookie } from './cookies.ts';
import { endSession } from './end-session.ts';
import { type Attempt, findAttempt } from './login.ts';
import { type Problem, problemPage, seeOther, stepOn } from './page.ts';
import { type OidcParts, pagePath, redirectUri } from './parts.ts';
import { problemOf, redeem, suffices, wordOf } from './redeem.ts';
import { noteRound } from './rounds.ts';
import type { Session } from './session.ts';
import { digestOf } from './session-keeper.ts';
import type { TokenFacts } from './token-facts.ts';

const longestQuery = 8192;
const idBytes = 16;

/** The page to which the provider sends browsers back (OpenID Connect Core section 3.1.2.5). */
export const callbackPage = (parts: OidcParts): Endpoint => ({
  methods: ['GET'],
  handle: async (request, signal) => {
    try {
      return await callback(parts, request, signal);
    } catch (error) {
      if (error instanceof StoreUnavailable) return problem(parts, request, 'store_unavailable');
      throw error;
    }
  },
});

const problem = (parts: OidcParts, request: EndpointRequest, code: Problem): EndpointAnswer =>
  problemPage(request, code, { path: pagePath(parts.id, 'login'), words: 'Log in again' });

async function callback(parts: OidcParts, request: EndpointRequest, signal: AbortSignal): Promise<EndpointAnswer> {
  if (request.query.length > longestQuery) return problem(parts, request, 'request_malformed');
  const [state = '', ...others] = new URLSearchParams(request.query).getAll('state');
  const found = others.length > 0 ? undefined : findAttempt(parts, request.headers, state);
  if (found === undefined) return lost(parts, request);
  const { attempt, drop } = found;
  const known = await parts.provider.find(signal);
  // The code has not been used: the same address may be tried again.
  if (known === undefined) return problem(parts, request, 'provider_unavailable');

  const done = await parts.turns.take(() => !signal.aborted);
  if (done === undefined) return problem(parts, request, 'provider_unavailable');
  try {
    const answer = (await useUp(parts, attempt))
      ? await complete(parts, request, known, attempt, signal)
      : await lost(parts, request);
    return { ...answer, headers: [...answer.headers, drop] };
  } finally {
    done();
  }
}

/** Whether a login is used for the first time: nobody asks the provider twice with one. */
async function useUp({ id, values, options, clock }: OidcParts, { state, beganMs }: Attempt): Promise<boolean> {
  const lifeMs = beganMs + options.login.timeoutMs - clock.nowMs();
  try {
    return await values.claim(`login/${id}/${digestOf(state)}`, '', lifeMs);
  } catch (error) {
    // A code is good once at the provider too: a store that is away, or full of marks that anybody can set, stops no login.
    if (error instanceof StoreUnavailable) return true;
    throw error;
  }
}

/** Ends a login that is here for the first time, with a session or a page that says why there is none. */
async function complete(
  parts: OidcParts,
  request: EndpointRequest,
  known: Known,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<EndpointAnswer> {
  const url = new URL(`${redirectUri(parts)}?${request.query}`);
  const judged = await redeem(parts, known, url, attempt, signal);
  if (judged.kind !== 'good') {
    const code = problemOf(judged);
    parts.refused.login({ ...loginOf(parts, undefined), refusal: code }, wordOf(judged));
    return problem(parts, request, code);
  }
  if (!suffices(parts, judged.facts, attempt)) {
    return refused(parts, request, 'login_insufficient', judged.facts.sub);
  }
  return begin(parts, request, judged.facts, attempt);
}

/** Tells audit, and the person, of a login that came to nothing. */
function refused(parts: OidcParts, request: EndpointRequest, code: Problem, subject: string): EndpointAnswer {
  parts.accounts.account({ ...loginOf(parts, subject), refusal: code });
  return problem(parts, request, code);
}

const loginOf = ({ id }: OidcParts, subject: string | undefined) =>
  ({ activity: 'login', identity: id, by: 'person', subject, session: undefined }) as const;

/** Somebody came back by history or by reloading: whoever is logged in goes on, and everybody else is told. */
async function lost(parts: OidcParts, request: EndpointRequest): Promise<EndpointAnswer> {
  const { session, login } = parts.options;
  const cookie = readCookie(request.headers, session.cookie);
  const known = cookie.kind === 'text' ? await parts.keeper.find(cookie.text) : undefined;
  return known?.kind === 'found' ? seeOther(login.landing) : problem(parts, request, 'login_lost');
}

async function begin(
  parts: OidcParts,
  request: EndpointRequest,
  facts: TokenFacts,
  { returnTo, renews }: Attempt,
): Promise<EndpointAnswer> {
  const { options, keeper, clock } = parts;
  const nowMs = clock.nowMs();
  // Tokens that are over by our clock would send the browser around in circles.
  if (facts.validMs <= nowMs) return refused(parts, request, 'login_unverified', facts.sub);
  const { absoluteMs, cookie, sameSite } = options.session;
  const session: Session = {
    ...facts,
    // A name of its own for every login: nothing that was there before becomes somebody's session.
    id: randomBytes(idBytes).toString('base64url'),
    generation: 0,
    loginMs: nowMs,
    seenMs: nowMs,
    renewedMs: nowMs,
    validMs: Math.min(facts.validMs, nowMs + absoluteMs),
    idToken: options.logout.rpInitiated ? facts.idToken : undefined,
  };
  // What the browser had is over too: nobody who has a copy of it would end by the logout of the new one.
  await endSession(parts, request.headers);
  const cookies = writeCookie(cookie, await keeper.begin(session), sameSite, request.headers);
  if (cookies === undefined) {
    parts.log.error({ identity: parts.id }, 'a session does not fit into cookies: use session.store: shared');
    const answer = refused(parts, request, 'session_too_large', facts.sub);
    return { ...answer, headers: [...answer.headers, ...clearCookie(cookie, request.headers)] };
  }
  parts.accounts.account({ ...loginOf(parts, facts.sub), session: session.id, refusal: undefined });
  const location = `${options.publicUrl}${returnTo}`;
  const set = renews ? [...cookies, noteRound(request.headers, cookie)] : cookies;
  return sameSite === 'Strict' ? stepOn(location, set) : seeOther(location, set);
}
