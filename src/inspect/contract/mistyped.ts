import type { Format } from '../content/content.ts';

const probed = 1024;
const looksLikeJson = /^\s*(?:\{\s*["}]|\[\s*(?:["{[\]\d-]|true|false|null))/;
const looksLikeXml = /^\s*<(?:\?xml|!DOCTYPE|!ENTITY)/i;

/**
 * Whether bytes are plainly of another format than their Content-Type says: JSON or XML in a text, JSON in a form. Upstreams
 * that look at the bytes would read what nobody here has checked. Of a text it asks its beginning alone.
 */
export function isMistyped(format: Format, bytes: Uint8Array): boolean {
  if (format !== 'text' && format !== 'form') return false;
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, probed))
    .toString('latin1')
    .trimStart();
  if (format === 'form') return /^(?:\xef\xbb\xbf)?[{[<]/.test(start);
  const text = start.replace(/^\xef\xbb\xbf/, '');
  return looksLikeJson.test(text) || looksLikeXml.test(text);
}
