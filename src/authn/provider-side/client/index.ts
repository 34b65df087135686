import { hash } from 'node:crypto';
import { type ClientAuth, ClientSecretBasic, ClientSecretPost, None, TlsClientAuth } from 'openid-client';
import type { BuildContext } from '../../../core/build.ts';
import { isObject, type JsonObject } from '../../../core/json.ts';
import { openReader, type Reader } from '../../../core/options.ts';
import { readCertificate, type TlsCertificate } from './certificate.ts';
import { readPrivateKey } from './private-key.ts';
import { secretMethods } from './schema.ts';

/** Who we are at a provider: an OAuth client that can prove it (RFC 6749 section 2.3, RFC 7523, RFC 8705). */
export interface OAuthClient {
  readonly id: string;
  /** What openid-client puts into each request that it authenticates. */
  readonly auth: ClientAuth;
  /** The public keys that the provider checks our assertions with; empty where we make none. */
  readonly publishedKeys: readonly JsonObject[];
  /** The certificate that our connections prove themselves with; undefined where the proof is in the requests. */
  readonly certificate: TlsCertificate | undefined;
  /** Two clients of one name are and prove the same: a hash of all that is configured, for keys of what outlives a plan. */
  readonly name: string;
}

/** A way to prove it, and what that consists of. */
type Method = Omit<OAuthClient, 'id' | 'name'> & { readonly material: readonly unknown[] };

/** The options that bring the proof, each with those that only have a meaning beside it. */
const proofs = Object.freeze({
  secret: ['auth_method'],
  secret_file: ['auth_method'],
  private_key_file: ['alg', 'kid', 'published_key_files'],
  cert_file: ['key_file'],
} as const);
type Proof = keyof typeof proofs;
const proofNames = Object.keys(proofs) as Proof[]; // keys of a frozen literal

// RFC 6749 appendix A.1 and A.2: both are of visible characters and blanks.
const visible = /^[\x20-\x7e]+$/;
const noMethod: Method = Object.freeze({ auth: None(), publishedKeys: [], certificate: undefined, material: [] });

/** Reads a `client:`; what is wrong is an issue, and gives a client that can prove nothing. */
export function readClient(raw: unknown, context: BuildContext): OAuthClient {
  const reader = openReader(raw, (path, message) => context.issue(path, message));
  const id = reader.text('id', '');
  const { material, ...method } = (isObject(raw) ? readMethod(reader, context) : undefined) ?? noMethod;
  if (isObject(raw) && !reader.has('id')) context.issue(['id'], 'is required');
  if (id !== '' && !visible.test(id)) context.issue(['id'], 'must be visible ASCII');
  return { id, ...method, name: hash('sha256', JSON.stringify([id, ...material]), 'base64url') };
}

function readMethod(reader: Reader, context: BuildContext): Method | undefined {
  const named = proofNames.filter((name) => reader.has(name));
  const [proof] = named;
  if (proof === undefined || named.length > 1) {
    context.issue([], `must have exactly one of ${proofNames.join(', ')}`);
    return undefined;
  }
  const idle = new Set<string>(Object.values(proofs).flat()).difference(new Set<string>(proofs[proof]));
  for (const name of idle) if (reader.has(name)) context.issue([name], `has no meaning beside ${proof}`);
  switch (proof) {
    case 'secret':
    case 'secret_file':
      return readSecret(reader, proof, context);
    case 'private_key_file': {
      const key = readPrivateKey(reader, context);
      return (
        key && { auth: key.auth, publishedKeys: key.publishedKeys, certificate: undefined, material: [key.publicJwk] }
      );
    }
    case 'cert_file': {
      const certificate = readCertificate(reader, context);
      return certificate && { auth: TlsClientAuth(), publishedKeys: [], certificate, material: [certificate] };
    }
    default:
      return proof satisfies never;
  }
}

function readSecret(reader: Reader, source: 'secret' | 'secret_file', context: BuildContext): Method | undefined {
  const wanted = reader.text('auth_method', 'client_secret_basic');
  const method = secretMethods.find((name) => name === wanted);
  if (method === undefined) context.issue(['auth_method'], `must be ${secretMethods.join(' or ')}`);
  const secret = secretOf(reader, source, context);
  if (secret === undefined || method === undefined) return undefined;
  if (!visible.test(secret)) {
    context.issue([source], 'must be visible ASCII on one line');
    return undefined;
  }
  const auth = method === 'client_secret_post' ? ClientSecretPost(secret) : ClientSecretBasic(secret);
  return { auth, publishedKeys: [], certificate: undefined, material: [method, secret] };
}

function secretOf(reader: Reader, source: 'secret' | 'secret_file', context: BuildContext): string | undefined {
  const text = reader.text(source, '');
  if (text === '') return undefined;
  return source === 'secret'
    ? text
    : context
        .at(source)
        .file(text)
        ?.text.replace(/\r?\n$/, '');
}
