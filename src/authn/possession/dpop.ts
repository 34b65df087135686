import type { NormalRequest } from '../../core/attributes.ts';
import type { HeaderMutation } from '../../core/decision.ts';
import type { Reason } from '../../core/reason.ts';
import { StoreUnavailable } from '../../core/unavailable.ts';
import { type Detail, fail, passWith, type Refusal, type Verdict } from '../../core/verdict.ts';
import type { AuthnDeps } from '../authenticator.ts';
import type { ChallengeError } from '../challenge.ts';
import { type Nonces, openNonces } from './nonces.ts';
import type { DpopOptions } from './options.ts';
import { checkProof } from './proof.ts';
import { openProofKeys } from './proof-keys.ts';
import { openUsedProofs } from './used-proofs.ts';

/** The header that proofs stand in. */
export const proofHeader = 'dpop';

/** Refuses a token for its proof; headers stand beside the challenge. */
export type Refuse = (
  reason: Reason,
  detail: Detail,
  error: ChallengeError,
  headers?: readonly HeaderMutation[],
) => Refusal;

/** A token that came with the scheme DPoP and is bound to a key. */
interface BoundToken {
  readonly token: string;
  readonly request: NormalRequest;
  /** The thumbprint of the key. */
  readonly jkt: string;
  /** Use no proof up. */
  readonly watches: boolean;
  readonly refuse: Refuse;
  readonly signal: AbortSignal;
}

/** Judges the proof in the request of a bound token (RFC 9449 section 7.1): headers for the answer, where it holds. */
export type VerifyProof = (bound: BoundToken) => Promise<Verdict<readonly HeaderMutation[]>>;

/** Opens it; what has been used stays so, and nonces go on, whatever becomes of the plan. */
export function openDpop(id: string, options: DpopOptions, deps: AuthnDeps): VerifyProof {
  const { clock, state, lasting } = deps;
  const { nonceLifetimeMs: lifetimeMs, maxAgeMs, clockSkewMs, baseUrl } = options;
  const readKey = openProofKeys();
  const usedProofs = lasting.resolve('used proofs', '', () => openUsedProofs(state));
  const openThem = (ms: number): Nonces => lasting.resolve('nonces', ms, () => openNonces(state, clock, ms));
  const nonces = lifetimeMs === undefined ? undefined : openThem(lifetimeMs);
  return async ({ token, request, jkt, watches, refuse, signal }) => {
    const values = request.headers.get(proofHeader) ?? [];
    const [text] = values;
    if (text === undefined) return refuse('proof_missing', { scheme: 'dpop' }, 'invalid_dpop_proof');
    if (values.length > 1) return refuse('proof_malformed', { problem: 'several' }, 'invalid_dpop_proof');
    const nowMs = clock.nowMs();
    const demand = { token, jkt, method: request.method, uri: uriOf(request, baseUrl) };
    const proof = await checkProof(text, demand, options, readKey, nowMs);
    if ('reason' in proof) {
      const error = proof.problem === 'key' ? 'invalid_token' : 'invalid_dpop_proof';
      return refuse(proof.reason, { problem: proof.problem }, error);
    }
    try {
      const nonce = await judgeNonce(proof.nonce, nonces);
      if (!nonce.good) return refuse('proof_nonce', {}, 'use_dpop_nonce', nonce.response);
      // Who is gone by now will come again with the same proof.
      if (signal.aborted) return fail('deadline_exceeded');
      // Clocks of replicas differ: another one may take the proof a little longer than we do.
      const keepMs = proof.issuedMs + maxAgeMs + 2 * clockSkewMs - nowMs + 1000;
      const first = await (watches
        ? usedProofs.isUnused(request, proof.name)
        : usedProofs.use(request, proof.name, keepMs));
      return first ? passWith(nonce.response) : refuse('proof_replayed', {}, 'invalid_dpop_proof');
    } catch (error) {
      if (error instanceof StoreUnavailable) return fail('replay_store_unavailable', { identity: id });
      throw error;
    }
  };
}

/** The target as the client knows it. */
const uriOf = ({ attributes, scheme }: NormalRequest, baseUrl: string | undefined): string =>
  `${baseUrl ?? `${scheme}://${attributes.host}`}${attributes.path}`;

interface NonceJudgement {
  readonly good: boolean;
  /** The header with the present nonce, where the client does not know it. */
  readonly response: readonly HeaderMutation[];
}

async function judgeNonce(nonce: string | undefined, nonces: Nonces | undefined): Promise<NonceJudgement> {
  if (nonces === undefined) return { good: true, response: [] };
  const current = await nonces.current();
  if (nonce === current) return { good: true, response: [] };
  const good = nonce !== undefined && (await nonces.accepts(nonce));
  return { good, response: [{ name: 'dpop-nonce', value: current }] };
}
