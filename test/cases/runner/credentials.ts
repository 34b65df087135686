import { createHmac } from 'node:crypto';
import { mintApiKey } from '../../../src/authn/index.ts';
import { type ClientSketch, createClientAuthority, urlEncoded } from '../../support/client-certificates.ts';
import { base64url, jwksOf, makeKey, signRaw, signToken, type TestKey } from '../../support/tokens.ts';

/** A token of a case: claims by name, where exp, nbf and iat as numbers are seconds from now and null leaves a claim out. */
export interface TokenSketch extends Readonly<Record<string, unknown>> {
  /** How the token is forged; without it the issuer's own key signs it. */
  readonly forge?: string;
  /** Members of the JOSE header, in place of the usual ones. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** The claims as they are written, in place of all others. */
  readonly text?: string;
}

/** An entry of a keys file; its key is made when the cases run. */
export interface KeySketch {
  readonly owner: string;
  readonly roles?: readonly string[];
  readonly scopes?: readonly string[];
  readonly expires?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly addresses?: readonly string[];
  readonly revoked?: string;
  /** A well-formed key that the file does not hold. */
  readonly unlisted?: boolean;
}

/** API keys by name, and the text of the file that holds their hashes. */
export interface MintedKeys {
  readonly byName: ReadonlyMap<string, string>;
  readonly file: string;
}

const issuer = 'https://idp.example';
const keys = { ES256: makeKey('ES256', 'es'), RS256: makeKey('RS256', 'rs') } as const;
const stranger = makeKey('ES256', 'es');

/** The issuer's key set, as a side file or from a key server. */
export const jwks: object = jwksOf(keys.ES256, keys.RS256);

type Forge = (header: Readonly<Record<string, unknown>>, claims: string) => string;

const unsigned = (alg: string): Forge => {
  return (header, claims) => `${base64url(JSON.stringify({ ...header, alg }))}.${base64url(claims)}.`;
};
const signed = (key: TestKey, header: Readonly<Record<string, unknown>>, claims: string): string =>
  signRaw(key, JSON.stringify({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header }), claims);

/** Ways to forge a token. */
const forgeries = {
  none: unsigned('none'),
  'none-in-mixed-case': unsigned('nOnE'),
  'hs256-public-pem': (header, claims) => {
    const pem = keys.RS256.publicKey.export({ type: 'spki', format: 'pem' });
    const input = `${base64url(JSON.stringify({ ...header, alg: 'HS256', kid: 'rs' }))}.${base64url(claims)}`;
    return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`;
  },
  'other-key': (header, claims) => signed(stranger, header, claims),
  'key-in-the-header': (header, claims) => signed(stranger, { ...header, jwk: stranger.jwk }, claims),
  'changed-claims': (header, claims) => {
    const [head = '', , signature = ''] = signed(keys.ES256, header, '{"sub":"nobody"}').split('.');
    return `${head}.${base64url(claims)}.${signature}`;
  },
  'rs256-by-the-other-key': (header, claims) => signed(keys.RS256, { ...header, kid: 'es' }, claims),
} as const satisfies Record<string, Forge>;

/** The token of a sketch. */
export function makeToken(sketch: TokenSketch, nowMs: number): string {
  const { forge, header = {}, text, ...said } = sketch;
  const claims = text ?? JSON.stringify(claimsOf(said, Math.floor(nowMs / 1000)));
  if (forge === undefined) {
    return text === undefined ? signToken(keys.ES256, JSON.parse(claims), header) : signed(keys.ES256, header, claims);
  }
  const table: Readonly<Record<string, Forge>> = forgeries;
  const made = Object.hasOwn(table, forge) ? table[forge] : undefined;
  if (made === undefined) throw new TypeError(`no forgery "${forge}"; known are ${Object.keys(forgeries).join(', ')}`);
  return made({ kid: 'es', typ: 'at+jwt', ...header }, claims);
}

const times: ReadonlySet<string> = new Set(['exp', 'nbf', 'iat']);

function claimsOf(said: Readonly<Record<string, unknown>>, now: number): Readonly<Record<string, unknown>> {
  const all = { iss: issuer, aud: 'orders', sub: 'alice', exp: 3600, iat: 0, ...said };
  const stated = Object.entries(all).filter(([, value]) => value !== null);
  // Entries, so that a claim may be called __proto__.
  return Object.fromEntries(
    stated.map(([name, value]) => [name, times.has(name) && typeof value === 'number' ? now + value : value]),
  );
}

/** Makes the API keys of a file. */
export function mintKeys(sketches: Readonly<Record<string, KeySketch>>): MintedKeys {
  const byName = new Map<string, string>();
  const entries: object[] = [];
  for (const [name, { owner, roles = [], unlisted, expires, ...rest }] of Object.entries(sketches)) {
    const { key, entry } = mintApiKey({ owner, roles, id: name, ...(expires === undefined ? {} : { expires }) });
    byName.set(name, key);
    if (unlisted !== true) entries.push({ ...entry, ...rest });
  }
  return { byName, file: JSON.stringify({ keys: entries }) };
}

/** Certifies the clients of a file: by cert.NAME the certificate as Envoy encodes it, by hash.NAME its digest. */
export async function certify(sketches: Readonly<Record<string, ClientSketch>>): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const clients = Object.entries(sketches);
  if (clients.length === 0) return texts;
  const authority = await createClientAuthority();
  for (const [name, sketch] of clients) {
    const { cert, hash } = await authority.issue(sketch);
    texts.set(`cert.${name}`, urlEncoded(cert)).set(`hash.${name}`, hash);
  }
  return texts;
}
