import { timingSafeEqual } from 'node:crypto';
import {
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { HeaderMap } from '../../core/attributes.ts';
import { cookiesOf } from '../../core/cookie.ts';
import type { HeaderMutation } from '../../core/decision.ts';
import { isObject } from '../../core/json.ts';
import { listOfTexts } from '../../core/options.ts';
import { parseStrictJson } from '../../core/strict-json.ts';
import type { StepUp } from '../../core/verdict.ts';
import { dropCookie, setShortCookie } from './cookies.ts';
import { type OidcParts, redirectUri } from './parts.ts';

/** A login that is under way in one browser, as its own cookie keeps it. */
export interface Attempt {
  readonly state: string;
  readonly nonce: string;
  /** The secret half of PKCE (RFC 7636). */
  readonly verifier: string;
  /** A path on the public origin. */
  readonly returnTo: string;
  readonly beganMs: number;
  /** What the login has to bring. */
  readonly demand: StepUp;
  /** It follows on a session that was refused. */
  readonly renews: boolean;
}

/** What a login is for. */
type Wish = Pick<Attempt, 'returnTo' | 'renews'> & { readonly demand: StepUp | undefined };

/** Where to send the browser, with the cookies that go along; undefined while the provider is not known. */
type Begun = { readonly location: string; readonly cookies: readonly HeaderMutation[] } | undefined;

const noDemand: StepUp = Object.freeze({ acrValues: Object.freeze([]), maxAgeSeconds: undefined });
const stateForm = /^[A-Za-z0-9_-]{43}$/;
const handleLength = 11;
// Anybody can send more names than any browser of ours holds: so many are taken away at once.
const mostDropped = 32;

const prefixOf = ({ options }: OidcParts): string => `${options.session.cookie}.login.`;
const cookieOf = (parts: OidcParts, state: string): string => `${prefixOf(parts)}${state.slice(0, handleLength)}`;

/**
 * Begins a login: an authorization request with PKCE, state and nonce (RFC 9700 section 2.1.1), and a cookie of its own, so that
 * logins in several tabs do not disturb each other.
 */
export async function beginLogin(
  parts: OidcParts,
  headers: HeaderMap,
  { returnTo, renews, demand = noDemand }: Wish,
  signal: AbortSignal,
): Promise<Begun> {
  const known = await parts.provider.find(signal);
  if (known?.metadata['authorization_endpoint'] === undefined) return undefined;
  const { options, clock } = parts;
  const attempt: Attempt = {
    state: randomState(),
    nonce: randomNonce(),
    verifier: randomPKCECodeVerifier(),
    returnTo,
    beganMs: clock.nowMs(),
    demand,
    renews,
  };
  const location = buildAuthorizationUrl(known.configuration, {
    ...options.login.parameters,
    redirect_uri: redirectUri(parts),
    scope: options.scopes.join(' '),
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
    ...(demand.acrValues.length > 0 && { acr_values: demand.acrValues.join(' ') }),
    ...(demand.maxAgeSeconds !== undefined && { max_age: String(demand.maxAgeSeconds) }),
  });
  const name = cookieOf(parts, attempt.state);
  const sealed = parts.logins.seal(JSON.stringify(attempt), [...parts.context, name]);
  return {
    location: location.href,
    cookies: [setShortCookie(name, sealed, options.login.timeoutMs), ...makeRoom(parts, headers)],
  };
}

/**
 * Drops what is over or cannot be read, and the oldest beyond the bound. Browsers send what they were given last at the end
 * (RFC 6265 section 5.4), and no more is opened than a browser should hold.
 */
function makeRoom(parts: OidcParts, headers: HeaderMap): readonly HeaderMutation[] {
  const { parallel } = parts.options.login;
  const names = [...cookiesOf(headers).keys()].filter((name) => name.startsWith(prefixOf(parts)));
  const live = names
    .slice(-(parallel + 1))
    .flatMap((name) => {
      const attempt = readAttempt(parts, headers, name);
      return attempt === undefined ? [] : [{ name, beganMs: attempt.beganMs }];
    })
    .toSorted((a, b) => b.beganMs - a.beganMs)
    .slice(0, parallel - 1);
  const kept = new Set(live.map(({ name }) => name));
  return names
    .filter((name) => !kept.has(name))
    .slice(0, mostDropped)
    .map(dropCookie);
}

/** The login that a state belongs to, and the end of its cookie; undefined when this browser has none such. */
export function findAttempt(
  parts: OidcParts,
  headers: HeaderMap,
  state: string,
): { readonly attempt: Attempt; readonly drop: HeaderMutation } | undefined {
  if (!stateForm.test(state)) return undefined;
  const name = cookieOf(parts, state);
  const attempt = readAttempt(parts, headers, name);
  const same = attempt !== undefined && timingSafeEqual(Buffer.from(attempt.state), Buffer.from(state));
  return same ? { attempt, drop: dropCookie(name) } : undefined;
}

function readAttempt(parts: OidcParts, headers: HeaderMap, name: string): Attempt | undefined {
  const [sealed, ...others] = cookiesOf(headers).get(name) ?? [];
  if (sealed === undefined || others.length > 0) return undefined;
  const text = parts.logins.open(sealed, [...parts.context, name]);
  const parsed = text === undefined ? undefined : parseStrictJson(Buffer.from(text));
  const value = parsed?.ok && isObject(parsed.value) ? parsed.value : {};
  const { state, nonce, verifier, returnTo, beganMs, demand, renews } = value;
  const { acrValues, maxAgeSeconds } = isObject(demand) ? demand : {};
  const wanted = listOfTexts(acrValues);
  if (typeof state !== 'string' || typeof nonce !== 'string' || typeof verifier !== 'string') return undefined;
  if (typeof returnTo !== 'string' || typeof beganMs !== 'number' || !stateForm.test(state)) return undefined;
  if (wanted === undefined || parts.clock.nowMs() >= beganMs + parts.options.login.timeoutMs) return undefined;
  const age = typeof maxAgeSeconds === 'number' ? maxAgeSeconds : undefined;
  return {
    state,
    nonce,
    verifier,
    returnTo,
    beganMs,
    demand: { acrValues: wanted, maxAgeSeconds: age },
    renews: renews === true,
  };
}
