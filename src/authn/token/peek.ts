import type { NormalRequest } from '../../core/attributes.ts';
import { type CompactToken, readCompact } from './compact.ts';

// Several issuers at one place each look who issued the token of one request: it is read once for all of them.
const last = new WeakMap<NormalRequest, { readonly text: string; readonly token: CompactToken }>();

/** Reads the compact JWS that came with a request (see readCompact), once a request however many ask. */
export function peek(request: NormalRequest, text: string): CompactToken {
  const known = last.get(request);
  if (known?.text === text) return known.token;
  const token = readCompact(text);
  last.set(request, { text, token });
  return token;
}
