import type { Codec, Unit } from './codec.ts';

const entities: ReadonlyMap<number, string> = new Map([
  [0x26, '&amp;'],
  [0x3c, '&lt;'],
  [0x3e, '&gt;'],
  [0x22, '&quot;'],
  [0x27, '&#x27;'],
]);
const entity = /^&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});/;
const longestEntity = 34;
const withinEntity = /[#0-9A-Za-z]/;

/** Whether an entity begins with the ampersand there; no more is looked at than may belong to one. */
function isEntity(units: readonly Unit[], index: number): boolean {
  let text = '&';
  for (let at = index + 1; text.length < longestEntity; at += 1) {
    const character = String.fromCharCode(units[at]?.code ?? 0);
    text += character;
    if (!withinEntity.test(character)) break;
  }
  return text.endsWith(';') && entity.test(text);
}

/**
 * Writes the special characters of HTML as entities. An entity that is there already stays as it is, so that a text that
 * comes through here twice is encoded once; every other byte stays as it was written.
 */
export function encodeHtml(written: string, codec: Codec): string {
  // The quick way out: nothing that could stand for one of them.
  if (!/[&<>"'\\%]/.test(written)) return written;
  const units = codec.units(written);
  const encoded = new Map([...entities].map(([code, replacement]) => [code, codec.encode(replacement)]));
  let out = '';
  let kept = 0;
  for (const [index, { start, end, code }] of units.entries()) {
    const replacement = encoded.get(code);
    if (replacement === undefined || (code === 0x26 && isEntity(units, index))) continue;
    out += written.slice(kept, start) + replacement;
    kept = end;
  }
  return kept === 0 ? written : out + written.slice(kept);
}

const riskyInHtml = /[<>&']|\u00e2\u0080[\u00a8\u00a9]/g;
const escapes: ReadonlyMap<string, string> = new Map([
  ['\u00e2\u0080\u00a8', '\\u2028'],
  ['\u00e2\u0080\u00a9', '\\u2029'],
]);
const escapeOf = (character: string): string =>
  escapes.get(character) ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Writes what could end a script or an attribute as escapes of JSON: the value stays the same. */
export const encodeJson = (written: string): string => written.replace(riskyInHtml, escapeOf);
