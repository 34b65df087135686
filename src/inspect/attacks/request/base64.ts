import { isUtf8 } from 'node:buffer';

// Shorter ones are words and ids; longer ones are files, whose texts nobody meant for an interpreter. A plus of a query is a blank by now.
const shape = /^[A-Za-z0-9+/ _-]{11,4096}={0,2}$/;
const controls = /[^\P{Cc}\t\r\n]/u;

/**
 * The text that another one is Base64 of (RFC 4648, either alphabet, padded or not). Undefined where the bytes are no text:
 * ids and keys in this alphabet hardly ever are.
 */
export function textInBase64(text: string): string | undefined {
  if (!shape.test(text)) return undefined;
  const bytes = Buffer.from(text.replaceAll(' ', '+'), 'base64');
  if (!isUtf8(bytes)) return undefined;
  const decoded = bytes.toString('utf8');
  return controls.test(decoded) ? undefined : decoded;
}
