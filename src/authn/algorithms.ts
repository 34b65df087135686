/** What a signature algorithm demands of its key (RFC 7518 section 3.1, RFC 8037). */
interface SignatureAlgorithm {
  readonly kty: 'RSA' | 'EC' | 'OKP';
  /** The curve; undefined for RSA. */
  readonly crv: string | undefined;
}

const rsa: SignatureAlgorithm = Object.freeze({ kty: 'RSA', crv: undefined });
const curve = (kty: 'EC' | 'OKP', crv: string): SignatureAlgorithm => Object.freeze({ kty, crv });

/** Signature algorithms that keys of a set may have: asymmetric ones only, so that no public key can ever serve as a shared secret. */
export const algorithms = Object.freeze({
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
  PS256: rsa,
  PS384: rsa,
  PS512: rsa,
  ES256: curve('EC', 'P-256'),
  ES384: curve('EC', 'P-384'),
  ES512: curve('EC', 'P-521'),
  EdDSA: curve('OKP', 'Ed25519'),
  Ed25519: curve('OKP', 'Ed25519'),
} as const satisfies Record<string, SignatureAlgorithm>);

/** A name of the algorithm table. */
export type AlgorithmName = keyof typeof algorithms;

/** Every name of the table, in its order. */
export const algorithmNames: readonly AlgorithmName[] = Object.freeze(Object.keys(algorithms) as AlgorithmName[]); // keys of a frozen literal

/** Whether a value is a name of the table, spelt exactly so. */
export const isAlgorithm = (name: unknown): name is AlgorithmName =>
  typeof name === 'string' && Object.hasOwn(algorithms, name);

/** Algorithms over a secret that both sides share, each with the bytes that it demands at least (RFC 7518 section 3.2). */
export const hmacAlgorithms = Object.freeze({ HS256: 32, HS384: 48, HS512: 64 } as const satisfies Record<
  string,
  number
>);

/** A name of the table of shared secrets. */
export type HmacName = keyof typeof hmacAlgorithms;

/** Whether a value is a name of the table of shared secrets, spelt exactly so. */
export const isHmac = (name: unknown): name is HmacName =>
  typeof name === 'string' && Object.hasOwn(hmacAlgorithms, name);

/** Any algorithm that a token may be signed with. */
export type TokenAlgorithm = AlgorithmName | HmacName;

/** Whether a value is the name of an algorithm that a token may be signed with, spelt exactly so. */
export const isTokenAlgorithm = (name: unknown): name is TokenAlgorithm => isAlgorithm(name) || isHmac(name);
