import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { BuildContext } from '../core/build.ts';
import type { ChainHead } from './chain.ts';

/** What a checkpoint vouches for: a chain up to one of its links. */
export interface Vouched extends ChainHead {
  readonly chain: string;
  /** Whether nothing follows in this chain. */
  readonly end: boolean;
}

/** Signs checkpoints. */
export interface Signer {
  /** Names the key: the first half of the SHA-256 of its public part (SPKI), in hexadecimal. */
  readonly keyId: string;
  /** An Ed25519 signature (RFC 8032) in base64url. */
  sign(vouched: Vouched): string;
}

const keyIdDigits = 32;

// One field a line, and a first line of its own: no other text that this key may ever sign reads like it.
const statementOf = ({ chain, sequence, hash, end }: Vouched): Buffer =>
  Buffer.from(`portcullis audit checkpoint v1\n${chain}\n${sequence}\n${hash}\n${end ? 'end' : 'goes on'}\n`);

/** The name of a key, by its public part. */
export const keyIdOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, keyIdDigits);

/** Reads `signing_key_file`, a private Ed25519 key as PEM; what is wrong with it is an issue, and no part of the key. */
export function readSigner(name: string, context: BuildContext): Signer | undefined {
  const file = context.file(name);
  if (file === undefined) return undefined;
  const key = ed25519(() => createPrivateKey(file.text));
  if (key === undefined) {
    context.issue([], 'must hold an Ed25519 private key as PEM, as openssl genpkey -algorithm ed25519 makes it');
    return undefined;
  }
  return {
    keyId: keyIdOf(createPublicKey(key)),
    sign: (vouched) => sign(null, statementOf(vouched), key).toString('base64url'),
  };
}

/** A public Ed25519 key of PEM text; of a private one its public part. Undefined: the text holds none. */
export const readVerifyingKey = (pem: string): KeyObject | undefined => ed25519(() => createPublicKey(pem));

function ed25519(read: () => KeyObject): KeyObject | undefined {
  try {
    const key = read();
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a signature of a checkpoint holds. */
export const isSignedBy = (key: KeyObject, vouched: Vouched, signature: string): boolean =>
  verify(null, statementOf(vouched), key, Buffer.from(signature, 'base64url'));
