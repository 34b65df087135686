import type { NormalRequest } from '../../core/attributes.ts';
import type { BuildContext } from '../../core/build.ts';
import type { Challenge, CredentialPlace } from '../../core/credential.ts';
import type { HeaderMutation } from '../../core/decision.ts';
import type { Claims, Principal } from '../../core/principal.ts';
import { passWith, reject, type Verdict } from '../../core/verdict.ts';
import type { AuthnDeps } from '../authenticator.ts';
import { bearerChallenge, type ChallengeError, challengeHeaders, dpopChallenge, withError } from '../challenge.ts';
import { bearerOnly, type TokenScheme } from '../token/bearer.ts';
import { readConfirmation } from './confirmation.ts';
import { openDpop, proofHeader, type Refuse, type VerifyProof } from './dpop.ts';
import { readDpop } from './options.ts';

/** A token that is good by itself, and how it came. */
interface PresentedToken {
  readonly scheme: TokenScheme;
  readonly token: string;
  /** Its claims, or what introspection says of it. */
  readonly claims: Claims;
  readonly request: NormalRequest;
  /** Use no proof up. */
  readonly watches?: boolean;
}

/** What was proved, and what the caller is told along with the answer. */
interface Proven {
  readonly boundBy: Principal['boundBy'];
  readonly response: readonly HeaderMutation[];
}

/** Judges whether a token is in the hands of those whom it was given to: DPoP (RFC 9449), certificates (RFC 8705). */
export interface Possession {
  /** The schemes that tokens are taken in. */
  readonly schemes: ReadonlySet<TokenScheme>;
  /** Where proofs stand. */
  readonly companions: readonly CredentialPlace[];
  /** What a caller is offered besides bearer tokens. */
  readonly moreChallenges: readonly Challenge[];
  /** What a caller is told whose token came in that scheme (RFC 9449 section 7.1). */
  challenges(scheme: TokenScheme, error: ChallengeError | undefined): readonly Challenge[];
  /** To be asked of every token that is good by itself: one that is bound never passes without its proof. */
  verify(presented: PresentedToken, signal: AbortSignal): Verdict<Proven> | Promise<Verdict<Proven>>;
}

interface Prover {
  readonly id: string;
  readonly certificates: AuthnDeps['certificates'];
  /** Undefined: no proofs are taken. */
  readonly verifyProof: VerifyProof | undefined;
  readonly challenges: Possession['challenges'];
}

const unbound: Verdict<Proven> = Object.freeze(passWith(Object.freeze({ boundBy: undefined, response: [] })));
const bothSchemes: ReadonlySet<TokenScheme> = new Set(['bearer', 'dpop']);

/** Builds it from the option `dpop` of an identity; where that is undefined, no proofs are taken. */
export function buildPossession(id: string, raw: unknown, context: BuildContext, deps: AuthnDeps): Possession {
  const dpop = raw === undefined ? undefined : readDpop(raw, context);
  const moreChallenges = dpop === undefined ? [] : [dpopChallenge([...dpop.algorithms])];
  const challenges: Possession['challenges'] = (scheme, error) => {
    const told = (challenge: Challenge): Challenge => (error === undefined ? challenge : withError(challenge, error));
    return scheme === 'dpop' ? moreChallenges.map(told) : [told(bearerChallenge), ...moreChallenges];
  };
  const verifyProof = dpop === undefined ? undefined : openDpop(id, dpop, deps);
  const prover: Prover = { id, certificates: deps.certificates, verifyProof, challenges };
  return {
    schemes: dpop === undefined ? bearerOnly : bothSchemes,
    // Whether taken or not, a proof is of no use behind us.
    companions: [{ in: 'header', name: proofHeader }],
    moreChallenges,
    challenges,
    verify: (presented, signal) => verify(prover, presented, signal),
  };
}

function verify(
  { id, certificates, verifyProof, challenges }: Prover,
  { scheme, token, claims, request, watches = false }: PresentedToken,
  signal: AbortSignal,
): Verdict<Proven> | Promise<Verdict<Proven>> {
  const refuse: Refuse = (reason, detail, error, headers = []) =>
    reject(
      reason,
      { identity: id, ...detail },
      { headers: [...challengeHeaders(challenges(scheme, error)), ...headers] },
    );
  const binding = readConfirmation(claims);
  if (binding === 'unknown') return refuse('token_claims', { claim: 'cnf' }, 'invalid_token');
  if (scheme === 'dpop' && (binding === 'unbound' || binding.jkt === undefined)) {
    return refuse('proof_mismatch', { problem: 'unbound' }, 'invalid_token');
  }
  if (binding === 'unbound') return unbound;
  const { jkt, x5t } = binding;
  if (x5t !== undefined) {
    const shown = certificates(request);
    const thumbprint = shown.kind === 'present' ? shown.certificate.thumbprint : undefined;
    if (thumbprint !== x5t) return refuse('certificate_mismatch', { certificate: shown.kind }, 'invalid_token');
  }
  if (jkt === undefined) return passWith({ boundBy: 'mtls', response: [] });
  // RFC 9449 section 7.2: a bound token is no bearer token, whoever sends it as one.
  if (scheme === 'bearer' || verifyProof === undefined) return refuse('proof_missing', { scheme }, 'invalid_token');
  return proven(verifyProof({ token, request, jkt, watches, refuse, signal }));
}

async function proven(judged: ReturnType<VerifyProof>): Promise<Verdict<Proven>> {
  const verdict = await judged;
  return verdict.kind === 'pass' ? passWith({ boundBy: 'dpop', response: verdict.value }) : verdict;
}
