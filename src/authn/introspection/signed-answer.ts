import type { Clock } from '../../core/clock.ts';
import { own } from '../../core/json.ts';
import { nobodysSignal } from '../../core/patience.ts';
import type { Claims } from '../../core/principal.ts';
import type { KeySet } from '../provider-side/key-sets/key-set.ts';
import { readSigned } from '../token/signed-token.ts';
import { type Answer, broken, readMembers } from './answer.ts';

/** What a signed answer is held against. */
export interface Signed {
  readonly issuer: string;
  /** Who we are to the provider: our client_id, and what tokens for us have in aud. */
  readonly audience: ReadonlySet<string>;
  readonly algorithms: ReadonlySet<string>;
  /** Whether plain JSON is refused. */
  readonly required: boolean;
  readonly keySet: KeySet;
  readonly clockSkewMs: number;
}

/** The media type of signed answers. */
export const signedType = 'application/token-introspection+jwt';

// It was made for the question that we have just asked.
const freshMs = 60_000;

/** Reads a signed answer (RFC 9701 section 5): a JWT of the issuer for us, made just now. */
export async function readSignedAnswer(text: string, signed: Signed, clock: Clock): Promise<Answer> {
  // Key sets have bounds of their own.
  const token = await readSigned(text, signed.keySet, signed.algorithms, nobodysSignal);
  if (token.kind === 'unavailable') return broken('signed, and the keys of the provider cannot be had');
  if (token.kind === 'bad') return broken(`signed, and not well: ${token.problem}`);
  const problem = problemOf(token.typ, token.claims, signed, clock.nowMs());
  if (problem !== undefined) return broken(`signed, and not well: ${problem}`);
  return readMembers(own(token.claims, 'token_introspection'), text.length);
}

function problemOf(
  typ: string | undefined,
  claims: Claims,
  { issuer, audience, clockSkewMs }: Signed,
  nowMs: number,
): string | undefined {
  const [iss, aud, iat] = [own(claims, 'iss'), own(claims, 'aud'), own(claims, 'iat')];
  // RFC 7515 section 4.1.9: the beginning of a media type may be left out, and case says nothing.
  if (`application/${typ?.toLowerCase().replace(/^application\//, '')}` !== signedType) return 'typ';
  if (iss !== issuer) return 'iss';
  const named = Array.isArray(aud) ? aud : [aud];
  if (!named.some((one) => typeof one === 'string' && audience.has(one))) return 'aud';
  return typeof iat === 'number' && Math.abs(nowMs - iat * 1000) <= freshMs + clockSkewMs ? undefined : 'iat';
}
