import type { JsonObject } from '../../core/json.ts';
import { isAlgorithm } from '../algorithms.ts';
import type { KeySet } from '../provider-side/key-sets/key-set.ts';
import { readCompact } from './compact.ts';
import { keyThatHolds } from './signature.ts';

/** A token of the provider whose signature holds, or a word for why not. */
type SignedToken =
  | { readonly kind: 'signed'; readonly alg: string; readonly typ: string | undefined; readonly claims: JsonObject }
  | { readonly kind: 'bad'; readonly problem: string }
  /** The keys cannot be had. */
  | { readonly kind: 'unavailable' };

const bad = (problem: string): SignedToken => ({ kind: 'bad', problem });

/** Reads a token of the provider in the strictest way and verifies its signature; judges nothing that it says. */
export async function readSigned(
  text: string,
  keySet: KeySet,
  algorithms: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<SignedToken> {
  const token = readCompact(text);
  if (!token.ok) return bad(token.problem);
  const { alg, kid, typ } = token.header;
  if (!isAlgorithm(alg) || !algorithms.has(alg)) return bad('algorithm');
  const found = await keySet.find(kid, alg, signal);
  if (found.kind === 'unavailable') return { kind: 'unavailable' };
  if (found.kind !== 'found') return bad(`key_${found.kind}`);
  if ((await keyThatHolds(text, found, alg)) === undefined) return bad('signature');
  return { kind: 'signed', alg, typ, claims: token.claims };
}
