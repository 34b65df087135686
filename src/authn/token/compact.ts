import { isObject, type Json, type JsonObject, own } from '../../core/json.ts';
import { parseStrictJson } from '../../core/strict-json.ts';
import { maxTokenLength } from './bearer.ts';

/** The members of a JOSE header that are looked at; jwk, jku, x5c and x5u are not, for a token's keys come from the config alone. */
interface TokenHeader {
  /** Empty when there is none. */
  readonly alg: string;
  readonly kid: string | undefined;
  readonly typ: string | undefined;
}

/** A token as it was read, unverified, or what is wrong with it: a word that holds nothing of the token. */
export type CompactToken = { readonly ok: true; readonly header: TokenHeader; readonly claims: JsonObject } | Malformed;

/** A proof, likewise; its header brings the key along that it proves possession of (RFC 9449 section 4.2). */
type CompactProof =
  | {
      readonly ok: true;
      readonly header: TokenHeader & { readonly jwk: Json | undefined };
      readonly claims: JsonObject;
    }
  | Malformed;

interface Malformed {
  readonly ok: false;
  readonly problem: string;
}

// RFC 8725bis: the character set comes first, before anything is split or decoded. Five parts would be a JWE.
const compact = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;
// crit and b64 change what is signed or how it is read, zip and enc belong to encryption: none is understood here.
const refusedMembers = ['crit', 'b64', 'zip', 'enc'] as const;
const headerLimits = { maxDepth: 8, maxMembers: 64 } as const;
const claimsLimits = { maxDepth: 32, maxMembers: 1000 } as const;
const maxKidLength = 512;

const malformed = (problem: string): Malformed => ({ ok: false, problem });

/** Reads a compact JWS (RFC 7515 section 7.1) in the strictest way; verifies nothing. */
export function readCompact(token: string): CompactToken {
  const read = readProof(token);
  if (!read.ok) return read;
  const { alg, kid, typ } = read.header;
  return { ok: true, header: { alg, kid, typ }, claims: read.claims };
}

/** Reads a compact JWS with the key in its header, just as strictly; verifies nothing. */
export function readProof(token: string): CompactProof {
  if (token.length > maxTokenLength) return malformed('length');
  const parts = compact.exec(token);
  if (parts === null) return malformed('compact_form');
  const [, headerPart = '', claimsPart = '', signaturePart = ''] = parts;
  const [headerBytes, claimsBytes] = [decodePart(headerPart), decodePart(claimsPart)];
  if (headerBytes === undefined || claimsBytes === undefined || decodePart(signaturePart) === undefined) {
    return malformed('base64url');
  }
  const header = parseStrictJson(headerBytes, headerLimits);
  if (!header.ok) return malformed(`header_${header.problem}`);
  const claims = parseStrictJson(claimsBytes, claimsLimits);
  if (!claims.ok) return malformed(`claims_${claims.problem}`);
  if (!isObject(header.value) || !isObject(claims.value)) return malformed('no_object');
  const read = readHeader(header.value);
  if (typeof read === 'string') return malformed(read);
  return { ok: true, header: { ...read, jwk: own(header.value, 'jwk') }, claims: claims.value };
}

function readHeader(header: JsonObject): TokenHeader | string {
  const refused = refusedMembers.find((name) => Object.hasOwn(header, name));
  if (refused !== undefined) return `header_${refused}`;
  const { alg = '', kid, typ } = header;
  if (typeof alg !== 'string') return 'header_alg';
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > maxKidLength)) return 'header_kid';
  if (typ !== undefined && typeof typ !== 'string') return 'header_typ';
  return { alg, kid, typ };
}

/** The bytes, if this is the only way to write them: a part has no second spelling that a replay could hide behind. */
function decodePart(part: string): Uint8Array | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}
