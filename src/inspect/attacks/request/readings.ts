import { urlDecodeUni } from '../transforms/percent.ts';

/** How one text may be read: as it is, and as those see it who decode or normalize once more. */
interface Readings {
  /** The text itself first. */
  readonly texts: readonly string[];
  /** It is percent-encoded in more layers than are looked through. */
  readonly excessive: boolean;
}

const escaped = /%(?:[0-9a-fA-F]{2}|[uU][0-9a-fA-F]{4})/;
const ascii = /^[\0-\x7f]*$/;

/**
 * The readings of a text. layers: how many more layers of percent-encoding than its format's own there may be, at most 2;
 * the Unicode form NFKC stands beside each reading that it differs from (full-width signs are what they look like).
 */
export function readingsOf(text: string, layers: number): Readings {
  const decodable = text.includes('%') && escaped.test(text);
  if (!decodable && ascii.test(text)) return { texts: [text], excessive: false };
  const texts = [text];
  let reading = text;
  for (let layer = 0; layer < 3 && escaped.test(reading); layer += 1) {
    // A plus is no space any more: that was the format's own matter.
    const next = urlDecodeUni(reading.replaceAll('+', '%2B'));
    if (next === reading) break;
    if (layer >= layers) return { texts: withNormalForms(texts), excessive: true };
    texts.push(next);
    reading = next;
  }
  return { texts: withNormalForms(texts), excessive: false };
}

function withNormalForms(texts: readonly string[]): readonly string[] {
  const all = new Set(texts);
  for (const text of texts) if (!ascii.test(text)) all.add(text.normalize('NFKC'));
  return [...all];
}
