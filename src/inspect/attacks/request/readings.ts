import { urlDecodeUni } from '../transforms/percent.ts';
import { textInBase64 } from './base64.ts';

/** How one text may be read: as it is, and as those see it who decode or normalize once more. */
interface Readings {
  /** The text itself first. */
  readonly texts: readonly string[];
  /** It is percent-encoded in more layers than are looked through. */
  readonly excessive: boolean;
}

const escaped = /%(?:[0-9a-fA-F]{2}|[uU][0-9a-fA-F]{4})/;
/** Escapes of what parts of an address are held apart by: a beacon sends the address of a page that has one in its own query. */
const ofAddress = /%(?:2[06BCDEFbcdef]|3[ADad]|5[BDFbdf]|7[Ee])/g;
const isOfAddress = (text: string): boolean => !text.replaceAll(ofAddress, '').includes('%');
const ascii = /^[\0-\x7f]*$/;

/**
 * The readings of a text. layers: how many more layers of percent-encoding than its format's own there may be, at most 2;
 * what stands in Base64, and the Unicode form NFKC, stand beside each reading that they differ from (full-width signs are
 * what they look like).
 */
export function readingsOf(text: string, layers: number): Readings {
  const { texts, excessive } = decodedLayers(text, layers);
  for (const reading of texts.slice()) {
    const hidden = textInBase64(reading);
    if (hidden !== undefined) texts.push(hidden);
  }
  return { texts: withNormalForms(texts), excessive };
}

/** The text, and what it is after each layer of percent-encoding. */
function decodedLayers(text: string, layers: number): { readonly texts: string[]; readonly excessive: boolean } {
  const texts = [text];
  if (!text.includes('%')) return { texts, excessive: false };
  let reading = text;
  for (let layer = 0; layer < 3 && escaped.test(reading); layer += 1) {
    // A plus is no space any more: that was the format's own matter.
    const next = urlDecodeUni(reading.replaceAll('+', '%2B'));
    if (next === reading) break;
    if (layer >= layers && !isOfAddress(reading)) return { texts, excessive: true };
    texts.push(next);
    reading = next;
  }
  return { texts, excessive: false };
}

// NFKC leaves them alone, and who changes the case of a text makes plain letters of them.
const dottedAndDotless: Readonly<Record<string, string>> = { İ: 'I', ı: 'i' };

function withNormalForms(texts: readonly string[]): readonly string[] {
  if (texts.every((text) => ascii.test(text))) return texts;
  const all = new Set(texts);
  for (const text of texts)
    if (!ascii.test(text))
      all.add(text.normalize('NFKC').replace(/[İı]/g, (letter) => dottedAndDotless[letter] ?? letter));
  return [...all];
}
