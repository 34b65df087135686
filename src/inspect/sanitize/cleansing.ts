import { createRequire } from 'node:module';
import type sanitizeHtml from 'sanitize-html';
import { type Codec, codecs } from './codec.ts';
import { encodeHtml, encodeJson } from './entities.ts';
import { type CleansingOptions, type RemoveOptions, usualRemoval } from './options.ts';

/** Makes a written text harmless; the very same string where nothing has to change. */
export type Cleanse = (written: string, codec: Codec) => string;

// Tab, line feed and carriage return stay.
const controls = /[\p{Cc}\p{Cs}]/gu;
const dropControls = (text: string): string =>
  text.replace(controls, (character) => (/[\t\n\r]/.test(character) ? character : ''));
const normalized = (text: string): string => dropControls(text).normalize('NFC');

// Loaded where a rule asks for it: it takes longer to load than most of the rest.
const require = createRequire(import.meta.url);

// The parser's stack costs the square of what is open at once, and nobody writes so much mark-up: it is no rich text.
const mostTags = 10_000;
const tagsIn = (text: string): number => text.split('<', mostTags + 2).length - 1;
const signs = /[&<>"']/g;
const asText = (text: string): string => text.replace(signs, (sign) => `&#${sign.charCodeAt(0)};`);

function remover(options: RemoveOptions): (text: string) => string {
  // The module that the types are of.
  const clean = require('sanitize-html') as typeof sanitizeHtml;
  const rules: sanitizeHtml.IOptions = {
    allowedTags: [...(options.allow_tags ?? usualRemoval.tags)],
    allowedAttributes: Object.fromEntries(
      Object.entries(options.allow_attributes ?? usualRemoval.attributes).map(([tag, names]) => [tag, [...names]]),
    ),
    allowedSchemes: [...(options.allow_schemes ?? usualRemoval.schemes)],
    allowProtocolRelative: false,
    disallowedTagsMode: 'discard',
  };
  return (text) => {
    if (!/[<>&]/.test(text)) return text;
    return tagsIn(text) > mostTags ? asText(text) : clean(text, rules);
  };
}

/** Compiles what is done to a text. */
export function compileCleansing(options: CleansingOptions): Cleanse {
  const { normalize = false, remove, encode } = options;
  const removed = remove === undefined ? undefined : remover(remove);
  return (written, codec) => {
    let current = written;
    if (normalize || removed !== undefined) {
      const text = codec.decode(written);
      if (text !== undefined) {
        const plain = normalize ? normalized(text) : text;
        const clean = removed?.(plain) ?? plain;
        if (clean !== text) current = codec.encode(clean);
      }
    }
    if (encode === 'html') return encodeHtml(current, codec);
    return encode === 'json' && codec === codecs.json ? encodeJson(current) : current;
  };
}
