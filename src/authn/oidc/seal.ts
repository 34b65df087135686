import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';

/** What sealed text is for: each purpose has keys of its own, so that nothing sealed for one opens for another. */
type Purpose = 'session' | 'login' | 'record' | 'hand-over';

/** Seals texts that leave our hands: nobody else can read them, and a changed one does not open. */
export interface Sealer {
  /** Under the first key, bound to the context: base64url, which is fit for a cookie. */
  seal(text: string, context: readonly string[]): string;
  /** Under whichever key it was sealed with; undefined for what we did not seal for this context. */
  open(sealed: string, context: readonly string[]): string | undefined;
}

interface DerivedKey {
  /** Recognises the key that something was sealed with; says nothing of the key. */
  readonly mark: Buffer;
  /** Taken in once: to hand over bytes each time would cost more than to open what is sealed. */
  readonly key: KeyObject;
}

const cipher = 'aes-256-gcm';
const version = 1;
const markBytes = 4;
// Random nonces of 96 bits: a key is good for 2^32 seals (NIST SP 800-38D section 8.3).
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + markBytes + nonceBytes;

/** Opens a sealer (AES-256-GCM under keys that HKDF derives): the first key seals, all of them open. Without keys nothing opens. */
export function openSealer(keys: readonly Uint8Array[], purpose: Purpose): Sealer {
  const derived = keys.map(
    (key): DerivedKey => ({
      mark: Buffer.from(hkdfSync('sha256', key, '', `portcullis ${purpose} mark`, markBytes)),
      key: createSecretKey(Buffer.from(hkdfSync('sha256', key, '', `portcullis ${purpose} key`, 32))),
    }),
  );
  return {
    seal: (text, context) => {
      const [first] = derived;
      if (first === undefined) throw new TypeError('there is no key to seal with');
      const nonce = randomBytes(nonceBytes);
      const sealing = createCipheriv(cipher, first.key, nonce, { authTagLength: tagBytes });
      sealing.setAAD(bound(context));
      const body = [sealing.update(text, 'utf8'), sealing.final()];
      return Buffer.concat([Buffer.of(version), first.mark, nonce, ...body, sealing.getAuthTag()]).toString(
        'base64url',
      );
    },
    open: (sealed, context) => {
      const bytes = Buffer.from(sealed, 'base64url');
      // One text has one spelling: another one would be another name for the same session.
      if (bytes.length < headBytes + tagBytes || bytes[0] !== version || bytes.toString('base64url') !== sealed) {
        return undefined;
      }
      const mark = bytes.subarray(1, 1 + markBytes);
      const known = derived.find((one) => one.mark.equals(mark));
      return known && openWith(known.key, bytes, context);
    },
  };
}

function openWith(key: KeyObject, bytes: Buffer, context: readonly string[]): string | undefined {
  const opening = createDecipheriv(cipher, key, bytes.subarray(1 + markBytes, headBytes), { authTagLength: tagBytes });
  opening.setAAD(bound(context));
  opening.setAuthTag(bytes.subarray(-tagBytes));
  const text = opening.update(bytes.subarray(headBytes, -tagBytes), undefined, 'utf8');
  try {
    return text + opening.final('utf8');
  } catch {
    // The tag does not hold.
    return undefined;
  }
}

// Each part with its length before it: no two contexts have one encoding.
const bound = (context: readonly string[]): Buffer =>
  Buffer.concat([
    Buffer.of(version),
    ...context.flatMap((part) => {
      const bytes = Buffer.from(part);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  ]);
