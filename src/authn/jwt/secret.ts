import { createSecretKey } from 'node:crypto';
import type { BuildContext, JsonSchema } from '../../core/build.ts';
import type { Reader } from '../../core/options.ts';
import { type HmacName, hmacAlgorithms } from '../algorithms.ts';
import type { KeySet } from '../provider-side/key-sets/key-set.ts';
import { secretKeySet, staticKeySet } from '../provider-side/key-sets/static-set.ts';

const encodings = ['text', 'base64', 'base64url'] as const;
type Encoding = (typeof encodings)[number];

/** The options of a secret that an issuer shares with us. */
export const secretSchemas: Readonly<Record<string, JsonSchema>> = Object.freeze({
  secret: {
    type: 'string',
    minLength: 1,
    description:
      'The secret of HS256, HS384 or HS512, best from the environment; at least 32, 48 or 64 bytes. It takes the place of jwks. Default none.',
  },
  secret_file: {
    type: 'string',
    minLength: 1,
    description: 'A file that holds the secret, without the line break at its end. Default none.',
  },
  secret_encoding: {
    enum: encodings,
    description: 'How the secret is written: its bytes as they are, or in base64. Default text.',
  },
});

/** Whether the options name a secret rather than a key set. */
export const hasSecret = (reader: Reader): boolean => reader.has('secret') || reader.has('secret_file');

/** Reads the secret; what is wrong is an issue, which repeats nothing of it, and gives a set without keys. */
export function readSecret(reader: Reader, context: BuildContext, algorithms: ReadonlySet<HmacName>): KeySet {
  const none = staticKeySet(undefined);
  const option = reader.has('secret_file') ? 'secret_file' : 'secret';
  const report = (message: string): void => context.issue([option], message);
  if (reader.has('secret') && reader.has('secret_file')) report('must not stand beside secret: one secret is enough');
  const written = option === 'secret' ? reader.text('secret', '') : readFile(reader, context);
  if (written === undefined || written === '') return none;
  const bytes = decode(written, readEncoding(reader, context));
  const wanted = Math.max(...[...algorithms].map((name) => hmacAlgorithms[name]));
  const fault = bytes === undefined ? 'is not in the encoding that secret_encoding names' : faultOf(bytes, wanted);
  if (fault !== undefined) report(fault);
  return bytes === undefined || fault !== undefined ? none : secretKeySet(createSecretKey(bytes));
}

function readFile(reader: Reader, context: BuildContext): string | undefined {
  const name = reader.text('secret_file', '');
  const text =
    name === ''
      ? undefined
      : context
          .at('secret_file')
          .file(name)
          ?.text.replace(/\r?\n$/, '');
  if (text === '') context.issue(['secret_file'], 'is empty');
  return text;
}

function readEncoding(reader: Reader, context: BuildContext): Encoding {
  const named = reader.text('secret_encoding', 'text');
  const encoding = encodings.find((one) => one === named);
  if (encoding === undefined) context.issue(['secret_encoding'], `must be one of ${encodings.join(', ')}`);
  return encoding ?? 'text';
}

/** The bytes, if this is how they are written; padding may be left out. */
function decode(written: string, encoding: Encoding): Uint8Array | undefined {
  // What stands for bytes that were no text: a secret that was half lost would be a weak one.
  if (encoding === 'text') return written.includes('\ufffd') ? undefined : Buffer.from(written, 'utf8');
  const bytes = Buffer.from(written, encoding);
  const bare = (text: string): string => text.replace(/=+$/, '');
  return bare(bytes.toString(encoding)) === bare(written) ? bytes : undefined;
}

function faultOf(bytes: Uint8Array, wanted: number): string | undefined {
  // Whoever knows a public key could sign with it.
  if (Buffer.from(bytes).includes('-----BEGIN ')) return 'is a key or certificate, which is no secret of both sides';
  return bytes.length < wanted
    ? `must have at least ${wanted} bytes for its algorithms, has ${bytes.length}`
    : undefined;
}
