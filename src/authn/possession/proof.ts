import { hash } from 'node:crypto';
import { own } from '../../core/json.ts';
import type { Claims } from '../../core/principal.ts';
import type { Reason } from '../../core/reason.ts';
import { isAlgorithm } from '../algorithms.ts';
import { readProof } from '../token/compact.ts';
import { isNumericDate } from '../token/numeric-date.ts';
import { signatureHolds } from '../token/signature.ts';
import type { DpopOptions } from './options.ts';
import type { ReadProofKey } from './proof-keys.ts';
import { normalTarget } from './target.ts';

/** What a proof must be made for. */
interface ProofDemand {
  readonly token: string;
  /** The thumbprint of the key that the token is bound to. */
  readonly jkt: string;
  readonly method: string;
  /** The URI that was asked for, as the client writes it. */
  readonly uri: string;
}

/** A proof that holds, its nonce and its use aside. */
interface Proof {
  /** Names the proof among all others of all keys; fit for a store. */
  readonly name: string;
  readonly nonce: string | undefined;
  readonly issuedMs: number;
}

/** Why a proof does not hold: a word that holds nothing of it. */
interface ProofFault {
  readonly reason: Reason;
  readonly problem: string;
}

const maxJtiLength = 512;

const fault = (reason: Reason, problem: string): ProofFault => ({ reason, problem });
const sha256 = (text: string): string => hash('sha256', text, 'base64url');

/** Checks a proof in all that it says itself (RFC 9449 section 4.3). */
export async function checkProof(
  text: string,
  demand: ProofDemand,
  options: DpopOptions,
  readKey: ReadProofKey,
  nowMs: number,
): Promise<Proof | ProofFault> {
  const read = readProof(text);
  if (!read.ok) return fault('proof_malformed', read.problem);
  const { header, claims } = read;
  if (header.typ !== 'dpop+jwt') return fault('proof_malformed', 'typ');
  const { alg } = header;
  if (!isAlgorithm(alg) || !options.algorithms.has(alg)) return fault('proof_malformed', 'alg');
  const key = readKey(header.jwk, alg);
  if (typeof key === 'string') return fault('proof_malformed', key);
  const said = readClaims(claims);
  if (typeof said === 'string') return fault('proof_malformed', said);
  if (!(await signatureHolds(text, key.key, alg))) return fault('proof_signature', 'signature');
  const { thumbprint } = key;
  const different = differenceOf(said, thumbprint, demand);
  if (different !== undefined) return fault('proof_mismatch', different);
  const issuedMs = said.iat * 1000;
  if (nowMs > issuedMs + options.maxAgeMs + options.clockSkewMs) return fault('proof_expired', 'old');
  if (nowMs < issuedMs - options.clockSkewMs) return fault('proof_expired', 'future');
  // Neither is asked for, and both bind whoever takes a JWT that has them (RFC 7519 sections 4.1.4 and 4.1.5).
  if (said.exp !== undefined && nowMs >= said.exp * 1000 + options.clockSkewMs) return fault('proof_expired', 'old');
  if (said.nbf !== undefined && nowMs < said.nbf * 1000 - options.clockSkewMs) return fault('proof_expired', 'future');
  return { name: sha256(`${thumbprint} ${said.jti}`), nonce: said.nonce, issuedMs };
}

interface SaidByProof {
  readonly jti: string;
  readonly htm: string;
  readonly htu: string;
  readonly ath: string;
  readonly iat: number;
  readonly exp: number | undefined;
  readonly nbf: number | undefined;
  readonly nonce: string | undefined;
}

/** The claims of the proof (RFC 9449 section 4.2), or the name of the first that is missing or of another type. */
function readClaims(claims: Claims): SaidByProof | string {
  const [jti, htm, htu] = [own(claims, 'jti'), own(claims, 'htm'), own(claims, 'htu')];
  const [ath, iat, nonce] = [own(claims, 'ath'), own(claims, 'iat'), own(claims, 'nonce')];
  const [exp, nbf] = [own(claims, 'exp'), own(claims, 'nbf')];
  if (typeof jti !== 'string' || jti === '' || jti.length > maxJtiLength) return 'jti';
  if (typeof htm !== 'string') return 'htm';
  if (typeof htu !== 'string') return 'htu';
  if (!isNumericDate(iat)) return 'iat';
  if (exp !== undefined && !isNumericDate(exp)) return 'exp';
  if (nbf !== undefined && !isNumericDate(nbf)) return 'nbf';
  if (typeof ath !== 'string') return 'ath';
  if (nonce !== undefined && typeof nonce !== 'string') return 'nonce';
  return { jti, htm, htu, ath, iat, exp, nbf, nonce };
}

function differenceOf({ htm, htu, ath }: SaidByProof, thumbprint: string, demand: ProofDemand): string | undefined {
  if (thumbprint !== demand.jkt) return 'key';
  if (htm !== demand.method) return 'htm';
  const target = normalTarget(htu);
  if (target === undefined || target !== normalTarget(demand.uri)) return 'htu';
  return ath === sha256(demand.token) ? undefined : 'ath';
}
