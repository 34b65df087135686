import type { NormalRequest } from '../../core/attributes.ts';
import { type Identified, identified } from '../../core/identified.ts';
import { whenKnown } from '../../core/patience.ts';
import type { Principal } from '../../core/principal.ts';
import type { Reason } from '../../core/reason.ts';
import { abstain, type Detail, passWith, type Reject, reject, type Verdict } from '../../core/verdict.ts';
import type { Judgement } from '../authenticator.ts';
import { bearerChallenge, type ChallengeError, challengeHeaders } from '../challenge.ts';
import type { Possession } from '../possession/index.ts';
import { hasAuthorization, readBearer, type TokenScheme } from './bearer.ts';

/** A token and how it came, in which request. */
export interface Presented {
  readonly scheme: TokenScheme;
  readonly token: string;
  readonly request: NormalRequest;
}

/** An identity whose tokens stand in the Authorization header. */
export interface TokenTaker {
  readonly id: string;
  readonly possession: Possession;
  /** It looks for a rule in shadow mode, and uses no proof up. */
  readonly watches?: boolean;
}

/** What all such identities have in common: where a token stands, what comes along with it, and what is offered without one. */
export const tokenMembers = ({ companions, moreChallenges }: Possession) => ({
  places: [{ in: 'header', name: 'authorization' }] as const,
  companions,
  challenge: bearerChallenge,
  moreChallenges,
  present: ({ headers }: NormalRequest): boolean => hasAuthorization(headers),
});

/** A rejection with the challenge that goes with it; an undefined error tells what to use, and of no error. */
export const refuse = (
  { id, possession }: TokenTaker,
  reason: Reason,
  detail: Detail,
  error: ChallengeError | undefined,
  scheme: TokenScheme = 'bearer',
): Reject =>
  reject(reason, { identity: id, ...detail }, { headers: challengeHeaders(possession.challenges(scheme, error)) });

/** Hands the one token of a request on to be judged; refuses what else stands in its place. */
export function takeToken(
  taker: TokenTaker,
  request: NormalRequest,
  judge: (presented: Presented) => Judgement,
): Judgement {
  const presented = readBearer(request.headers, taker.possession.schemes);
  switch (presented.kind) {
    case 'absent':
      return abstain();
    case 'ambiguous':
      return refuse(taker, 'credential_ambiguous', {}, 'invalid_request');
    case 'malformed':
      // 401, and RFC 6750 section 3.1 keeps invalid_request for 400.
      return refuse(taker, 'credential_malformed', {}, 'invalid_token');
    case 'other_scheme':
      // RFC 6750 section 3.1: who used another scheme is told what to use, and of no error.
      return refuse(taker, 'credential_malformed', { problem: 'scheme' }, undefined);
    case 'token':
      return judge({ ...presented, request });
    default:
      return presented satisfies never;
  }
}

/** The principal of a token that is good by itself, once the token is proved to be in the right hands. */
export function concludeWith(
  { possession, watches = false }: TokenTaker,
  presented: Presented,
  principal: Principal,
  detail: Detail,
  signal: AbortSignal,
): Judgement {
  const conclude = (proven: Awaited<ReturnType<Possession['verify']>>): Verdict<Identified> => {
    if (proven.kind !== 'pass') return proven;
    const { boundBy, response } = proven.value;
    return passWith(identified(boundBy === undefined ? principal : { ...principal, boundBy }, response), detail);
  };
  return whenKnown(possession.verify({ ...presented, claims: principal.claims, watches }, signal), conclude);
}

/** What stands in the place of the token, in a few words; describe finds those for a token. */
export function describeToken(presented: ReturnType<typeof readBearer>, describe: (token: string) => string): string {
  switch (presented.kind) {
    case 'absent':
      return 'nothing';
    case 'ambiguous':
      return 'several credentials';
    case 'malformed':
      return 'a bearer token that is not well formed';
    case 'other_scheme':
      return 'a credential of another scheme';
    case 'token':
      return describe(presented.token);
    default:
      return presented satisfies never;
  }
}
