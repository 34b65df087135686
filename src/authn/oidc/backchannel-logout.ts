import { hash } from 'node:crypto';
import { singleHeader } from '../../core/attributes.ts';
import type { Endpoint, EndpointAnswer, EndpointRequest } from '../../core/endpoint.ts';
import { isObject, type JsonObject, own } from '../../core/json.ts';
import type { Revocation } from '../../core/revocation.ts';
import { StoreUnavailable } from '../../core/unavailable.ts';
import { isPlainText, isPrincipalId } from '../text.ts';
import { readClaims } from '../token/claims.ts';
import { requiredClaim } from '../token/required-claims.ts';
import { readSigned } from '../token/signed-token.ts';
import { withoutRoles } from './id-token.ts';
import type { OidcParts } from './parts.ts';
import { withoutSid } from './session.ts';

const maxBytes = 64 * 1024;
// Providers tell of a logout when it happens; what is older was kept by somebody, however late it ends.
const maxAgeMs = 300_000;
const event = 'http://schemas.openid.net/event/backchannel-logout';
const types: ReadonlySet<string | undefined> = new Set(['logout+jwt', 'application/logout+jwt', 'JWT', undefined]);

/** The page at which the provider tells of logouts itself (OpenID Connect Back-Channel Logout 1.0): no browser comes here. */
export const backchannelLogoutPage = (parts: OidcParts): Endpoint => ({
  methods: ['POST'],
  handle: async (request, signal) => {
    try {
      const problem = await logOut(parts, request, signal);
      if (problem === undefined) return answer(200, '');
      const act = {
        activity: 'logout',
        identity: parts.id,
        by: 'provider',
        subject: undefined,
        session: undefined,
      } as const;
      parts.refused.logout({ ...act, refusal: 'logout_unverified' }, problem);
      return answer(400, '{"error":"invalid_request"}');
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      // Section 2.8: a logout that failed is 400, so that the provider knows of it.
      parts.log.error({ identity: parts.id }, 'a back-channel logout could not be told to the other replicas');
      return answer(400, '{"error":"temporarily_unavailable"}');
    }
  },
});

const answer = (status: number, body: string): EndpointAnswer => ({
  status,
  headers: [
    { name: 'cache-control', value: 'no-store' },
    ...(body === '' ? [] : [{ name: 'content-type', value: 'application/json' }]),
  ],
  body,
});

/** Ends what a logout token means; a word for what is wrong with the token where it is not believed. */
async function logOut(parts: OidcParts, request: EndpointRequest, signal: AbortSignal): Promise<string | undefined> {
  const text = readForm(request);
  if (text === undefined) return 'form';
  const token = await readSigned(text, parts.keySet, parts.options.algorithms, signal);
  if (token.kind === 'unavailable') return 'the keys cannot be had';
  if (token.kind === 'bad') return token.problem;
  if (!types.has(token.typ)) return 'type';
  const wrong = faultOf(token.claims, parts);
  if (wrong !== undefined) return wrong;
  const meant = revocationsOf(token.claims, parts);
  const jti = own(token.claims, 'jti');
  const [iat, exp] = [own(token.claims, 'iat'), own(token.claims, 'exp')];
  if (meant.length === 0 || typeof jti !== 'string' || typeof iat !== 'number' || typeof exp !== 'number')
    return 'claims';
  const mark = `oidc/logout/${parts.id}/${hash('sha256', jti, 'base64url')}`;
  const { clockSkewMs } = parts.options.claims;
  // As long as the token could be shown again.
  const lifeMs = Math.min(exp * 1000, iat * 1000 + maxAgeMs + 1) + clockSkewMs - parts.clock.nowMs();
  if (!(await parts.values.claim(mark, '', lifeMs))) return 'replay';
  try {
    for (const revocation of meant) await parts.revocations.revoke(revocation);
  } catch (error) {
    // The provider may try again with the same token.
    await parts.values.remove(mark).catch(() => false);
    throw error;
  }
  const [sub, sid] = [own(token.claims, 'sub'), own(token.claims, 'sid')];
  parts.accounts.account({
    activity: 'logout',
    identity: parts.id,
    by: 'provider',
    subject: typeof sub === 'string' ? sub : undefined,
    session: typeof sid === 'string' ? sid : undefined,
    refusal: undefined,
  });
  return undefined;
}

/** The token of a form that holds exactly one (section 2.5). */
function readForm({ headers, body }: EndpointRequest): string | undefined {
  const type = singleHeader(headers, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded' || body.length > maxBytes) return undefined;
  const [token, ...others] = new URLSearchParams(Buffer.from(body).toString('latin1')).getAll('logout_token');
  return others.length > 0 ? undefined : token;
}

/** The first claim that is not as section 2.6 wants it. */
function faultOf(claims: JsonObject, { options, clock }: OidcParts): string | undefined {
  if (own(claims, 'iss') !== options.issuer) return 'claim iss';
  if (Object.hasOwn(claims, 'nonce')) return 'claim nonce';
  const events = own(claims, 'events');
  if (!isObject(events) || !isObject(own(events, event))) return 'claim events';
  const [sub, sid, jti] = [own(claims, 'sub'), own(claims, 'sid'), own(claims, 'jti')];
  if (!isPlainText(jti)) return 'claim jti';
  if (sid !== undefined && !isPlainText(sid)) return 'claim sid';
  if (sub !== undefined && !isPrincipalId(sub)) return 'claim sub';
  if (sub === undefined && sid === undefined) return 'neither sub nor sid';
  // A logout token may name a session alone; everything else is as in other tokens.
  const who = readClaims(
    { ...claims, sub: sub ?? 'nobody' },
    { ...options.claims, ...withoutRoles, maxAgeMs, requiredClaims: [requiredClaim('iat', 'number')] },
    clock.nowMs(),
  );
  return 'reason' in who ? `claim ${who.claim}` : undefined;
}

/**
 * One session where the token names it, else all that its subject has begun until now. Sessions that know no sid of their own
 * may be the one that is named: where the token says whose it is, they end too.
 */
function revocationsOf(claims: JsonObject, { id, options, clock }: OidcParts): readonly Revocation[] {
  const [sub, sid] = [own(claims, 'sub'), own(claims, 'sid')];
  const nowMs = clock.nowMs();
  const kept = { source: id, untilMs: nowMs + options.session.absoluteMs };
  const ofSub = typeof sub === 'string' ? sub : undefined;
  if (typeof sid !== 'string') {
    return ofSub === undefined ? [] : [{ kind: 'principal', value: ofSub, beforeMs: nowMs, ...kept }];
  }
  return [
    // A provider gives a sid once; a person may be back in a moment.
    { kind: 'session', value: sid, beforeMs: undefined, ...kept },
    ...(ofSub === undefined ? [] : [{ kind: 'session', value: withoutSid(ofSub), beforeMs: nowMs, ...kept } as const]),
  ];
}
