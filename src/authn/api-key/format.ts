import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * The shape of our keys: `pck_<id>_<secret><check>`. The id is harmless and names the key, the secret is 256 random bits
 * in 43 characters of base64url, the check is the CRC-32 of all before it in 8 hexadecimal digits: a typo, or a key of
 * somebody else, is seen before anything is looked up, and a scanner can find a leaked key.
 */
const shape = /^(pck_([a-z0-9]{1,32})_[A-Za-z0-9_-]{43})([0-9a-f]{8})$/;
const secretBytes = 32;

/** Ids of keys: they stand in the key itself, in logs and in limits. */
export const isKeyId = (id: unknown): id is string => typeof id === 'string' && /^[a-z0-9]{1,32}$/.test(id);

const checkOf = (text: string): string => crc32(text).toString(16).padStart(8, '0');

/** Whether a text says of itself that it is a key of ours: tells it from tokens at the same place. */
export const looksLikeApiKey = (text: string): boolean => text.startsWith('pck_');

/** Whether a text has the shape of our keys, with the right check. */
export function isApiKey(text: string): boolean {
  const match = text.length <= 128 ? shape.exec(text) : null;
  return match !== null && checkOf(match[1] ?? '') === match[3];
}

/** A new key with 256 random bits; it is not kept anywhere. */
export function makeApiKey(id: string): string {
  const body = `pck_${id}_${randomBytes(secretBytes).toString('base64url')}`;
  return `${body}${checkOf(body)}`;
}

/** A random id for a key that was given none. */
export const makeKeyId = (): string => randomBytes(5).toString('hex');

/** SHA-256 of the whole key as it is presented: enough for 256 random bits, where a password would need a slow hash. */
export const hashApiKey = (key: string): Buffer => hash('sha256', key, 'buffer');

/** The bytes of "sha256:" and 64 hexadecimal digits or 43 characters of base64url; undefined for anything else. */
export function parseKeyHash(text: string): Buffer | undefined {
  const [, hex, base64url] = /^sha256:(?:([0-9a-fA-F]{64})|([A-Za-z0-9_-]{43}))$/.exec(text) ?? [];
  if (hex !== undefined) return Buffer.from(hex, 'hex');
  return base64url === undefined ? undefined : Buffer.from(base64url, 'base64url');
}
