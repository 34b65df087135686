import { createPublicKey, type KeyObject } from 'node:crypto';
import { isObject, own } from '../../../core/json.ts';
import { algorithmNames, algorithms, isAlgorithm, type TokenAlgorithm } from '../../algorithms.ts';
import { lastEndMs } from './key-ends.ts';
import type { KeyLookup } from './key-set.ts';
import { hasRocaMark } from './roca.ts';

/** Why a key is left out of its set. */
type KeyFault =
  | 'not_an_object'
  | 'kid'
  | 'kid_repeated'
  | 'kty'
  | 'use'
  | 'key_ops'
  | 'alg'
  | 'crv'
  | 'private'
  | 'symmetric'
  | 'modulus'
  | 'exponent'
  | 'invalid';

/** Keys that can verify, and places of the ones that cannot; or why the whole set is refused. */
export type LoadedKeys =
  | {
      readonly ok: true;
      readonly keys: KeyIndex;
      readonly leftOut: readonly LeftOut[];
      /** When the last key ends, in milliseconds since the epoch; undefined where one does not say. Reads certificates. */
      readonly endsMs: () => number | undefined;
    }
  | { readonly ok: false; readonly problem: string; readonly leftOut: readonly LeftOut[] };

/** A key that is left out, by its index in the set. */
interface LeftOut {
  readonly index: number;
  readonly fault: KeyFault;
}

/** The usable keys of one set. */
export interface KeyIndex {
  readonly size: number;
  /** The key of that kid, whatever it is for. */
  named(kid: string): KeyObject | undefined;
  find(kid: string | undefined, alg: TokenAlgorithm): Exclude<KeyLookup, { readonly kind: 'unavailable' }>;
  /** Whether this very key is one of them, under whatever name. */
  holds(key: KeyObject): boolean;
  readonly keys: readonly KeyObject[];
}

/** The keys of a set and of the one before it, where both may be meant. */
export const joinKeys = (next: KeyIndex, former: KeyIndex): KeyIndex => ({
  size: next.size + former.size,
  keys: [...next.keys, ...former.keys],
  holds: (key) => next.holds(key) || former.holds(key),
  named: (kid) => next.named(kid) ?? former.named(kid),
  find: (kid, alg) => {
    const [found, before] = [next.find(kid, alg), former.find(kid, alg)];
    if (before.kind !== 'found') return found;
    return found.kind === 'found' ? { ...found, former: before.key } : before;
  },
});

interface UsableKey {
  readonly kid: string | undefined;
  readonly algorithms: ReadonlySet<TokenAlgorithm>;
  readonly key: KeyObject;
}

type Jwk = Readonly<Record<string, unknown>>;

const maxKeys = 256;
const maxKidLength = 512;
const modulusBits = { min: 2048, max: 8192 } as const;
const exponents = { min: 65537n, max: 2n ** 32n } as const;
// RFC 7518 sections 5.3 and 6, RFC 8037, RFC 9964: members that hold a secret.
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'] as const;

/**
 * Loads a JWK set (RFC 7517 section 5): what cannot verify is left out, what is doubtful as a whole is refused. A key that
 * was there before under its name is the same object again, so that what was verified with it counts on.
 */
export function loadKeys(document: unknown, before?: KeyIndex): LoadedKeys {
  const list = isObject(document) ? own(document, 'keys') : undefined;
  const refuse = (problem: string, leftOut: readonly LeftOut[] = []): LoadedKeys => ({ ok: false, problem, leftOut });
  if (!Array.isArray(list)) return refuse('it is no JWK set: it has no array "keys"');
  if (list.length > maxKeys) return refuse(`it holds more than ${maxKeys} keys`);
  const read = list.map(readKey);
  const leftOut = read.flatMap((key, index) => (typeof key === 'string' ? [{ index, fault: key }] : []));
  const symmetric = leftOut.filter(({ fault }) => fault === 'symmetric').length;
  if (symmetric > 0 && symmetric < list.length) return refuse('it mixes symmetric and asymmetric keys', leftOut);
  const keys = withoutRepeated(read, leftOut);
  if (keys.length === 0) return refuse('it holds no key that can verify', leftOut);
  const endsMs = (): number | undefined =>
    lastEndMs(list.filter((_, place) => !leftOut.some(({ index }) => index === place)));
  return { ok: true, keys: indexKeys(keys.map((key) => lasting(key, before))), leftOut, endsMs };
}

// Which of two keys with one name is meant cannot be told, so neither is used.
function withoutRepeated(read: readonly (UsableKey | KeyFault)[], leftOut: LeftOut[]): readonly UsableKey[] {
  const seen = new Map<string | undefined, number>();
  for (const key of read) if (typeof key !== 'string') seen.set(key.kid, (seen.get(key.kid) ?? 0) + 1);
  return read.flatMap((key, index) => {
    if (typeof key === 'string') return [];
    if (key.kid === undefined || seen.get(key.kid) === 1) return [key];
    leftOut.push({ index, fault: 'kid_repeated' });
    return [];
  });
}

function lasting(usable: UsableKey, before: KeyIndex | undefined): UsableKey {
  const known = usable.kid === undefined ? undefined : before?.named(usable.kid);
  return known?.equals(usable.key) ? { ...usable, key: known } : usable;
}

function indexKeys(keys: readonly UsableKey[]): KeyIndex {
  const byKid = new Map(keys.map((key) => [key.kid, key]));
  const nameless = (alg: TokenAlgorithm): UsableKey | undefined => {
    const able = keys.filter((key) => key.algorithms.has(alg));
    return able.length === 1 ? able[0] : undefined;
  };
  return {
    size: keys.length,
    keys: keys.map(({ key }) => key),
    holds: (key) => keys.some((own) => own.key.equals(key)),
    named: (kid) => byKid.get(kid)?.key,
    find: (kid, alg) => {
      const key = kid === undefined ? nameless(alg) : byKid.get(kid);
      if (key === undefined) return { kind: 'unknown' };
      return key.algorithms.has(alg) ? { kind: 'found', key: key.key } : { kind: 'mismatch' };
    },
  };
}

function readKey(jwk: unknown): UsableKey | KeyFault {
  if (!isObject(jwk)) return 'not_an_object';
  const [kty, kid, use, ops] = [own(jwk, 'kty'), own(jwk, 'kid'), own(jwk, 'use'), own(jwk, 'key_ops')];
  if (kty === 'oct') return 'symmetric';
  if (kty !== 'RSA' && kty !== 'EC' && kty !== 'OKP') return 'kty';
  if (secretMembers.some((name) => Object.hasOwn(jwk, name))) return 'private';
  if (kid !== undefined && !(typeof kid === 'string' && kid !== '' && kid.length <= maxKidLength)) return 'kid';
  if (use !== undefined && use !== 'sig') return 'use';
  if (ops !== undefined && !(Array.isArray(ops) && ops.includes('verify'))) return 'key_ops';
  const able = ableAlgorithms(kty, own(jwk, 'crv'), own(jwk, 'alg'));
  if (typeof able === 'string') return able;
  const key = importKey(jwk);
  if (key === undefined) return 'invalid';
  return (kty === 'RSA' ? faultOfRsa(key, jwk) : undefined) ?? { kid, algorithms: able, key };
}

/** The algorithms that a key may verify: the one it names, else all that fit its type and curve. */
function ableAlgorithms(kty: string, crv: unknown, alg: unknown): ReadonlySet<TokenAlgorithm> | KeyFault {
  const fitting = algorithmNames.filter((name) => {
    const wanted = algorithms[name];
    return wanted.kty === kty && (wanted.crv === undefined || wanted.crv === crv);
  });
  if (fitting.length === 0) return 'crv';
  if (alg === undefined) return new Set(fitting);
  return isAlgorithm(alg) && fitting.includes(alg) ? new Set([alg]) : 'alg';
}

function importKey(jwk: Jwk): KeyObject | undefined {
  // Only the public members go in; points off the curve and wrong lengths are refused here.
  const members = ['kty', 'crv', 'n', 'e', 'x', 'y'].filter((name) => typeof own(jwk, name) === 'string');
  try {
    return createPublicKey({ key: Object.fromEntries(members.map((name) => [name, jwk[name]])), format: 'jwk' });
  } catch {
    return undefined;
  }
}

function faultOfRsa(key: KeyObject, jwk: Jwk): KeyFault | undefined {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  const { min, max } = exponents;
  if (publicExponent < min || publicExponent > max || publicExponent % 2n === 0n) return 'exponent';
  if (modulusLength < modulusBits.min || modulusLength > modulusBits.max) return 'modulus';
  const modulus = BigInt(`0x${Buffer.from(String(own(jwk, 'n')), 'base64url').toString('hex')}`);
  return modulus % 2n === 0n || hasRocaMark(modulus) ? 'modulus' : undefined;
}
