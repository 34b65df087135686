/** One character of a text as it is written: its bytes from start to end, and the code that they stand for. */
export interface Unit {
  readonly start: number;
  readonly end: number;
  /** A code unit of UTF-16; a byte beyond ASCII stands for itself. */
  readonly code: number;
}

/** How a text is written in a format. Texts and what is written are Latin-1: one character a byte. */
export interface Codec {
  readonly name: 'json' | 'form' | 'plain';
  units(written: string): readonly Unit[];
  /** The text itself; undefined where it is no UTF-8. */
  decode(written: string): string | undefined;
  encode(text: string): string;
}

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(written: string): string | undefined {
  try {
    return utf8.decode(Buffer.from(written, 'latin1'));
  } catch {
    return undefined;
  }
}

const shortEscapes: ReadonlyMap<string, number> = new Map(
  Object.entries({ b: 8, t: 9, n: 10, f: 12, r: 13 }).map(([letter, code]) => [letter, code]),
);

/** Strings of JSON, without their quotes (RFC 8259 section 7). */
const json: Codec = {
  name: 'json',
  units: (written) => {
    const units: Unit[] = [];
    for (let at = 0; at < written.length; ) {
      const start = at;
      let code = written.charCodeAt(at);
      at += 1;
      if (code === 0x5c) {
        const letter = written.charAt(at);
        at += 1;
        if (letter === 'u') {
          code = Number.parseInt(written.slice(at, at + 4), 16);
          at += 4;
        } else code = shortEscapes.get(letter) ?? letter.charCodeAt(0);
      }
      units.push({ start, end: at, code });
    }
    return units;
  },
  decode: (written) => {
    const text = decodeUtf8(written);
    return text === undefined ? undefined : String(JSON.parse(`"${text}"`));
  },
  encode: (text) => latin1(JSON.stringify(text).slice(1, -1)),
};

const hex = /^[0-9A-Fa-f]{2}$/;

/** Halves of pairs in application/x-www-form-urlencoded (WHATWG URL section 5). */
const form: Codec = {
  name: 'form',
  units: (written) => {
    const units: Unit[] = [];
    for (let at = 0; at < written.length; ) {
      const start = at;
      const digits = written.slice(at + 1, at + 3);
      const escaped = written.charAt(at) === '%' && hex.test(digits);
      const plain = written.charAt(at) === '+' ? 0x20 : written.charCodeAt(at);
      at += escaped ? 3 : 1;
      units.push({ start, end: at, code: escaped ? Number.parseInt(digits, 16) : plain });
    }
    return units;
  },
  decode: (written) => {
    try {
      return decodeURIComponent((decodeUtf8(written) ?? '%').replaceAll('+', ' '));
    } catch {
      return undefined;
    }
  },
  encode: (text) => encodeURIComponent(text.toWellFormed()).replaceAll("'", '%27').replaceAll('%20', '+'),
};

/** A text that is written as it is. */
const plain: Codec = {
  name: 'plain',
  units: (written) => Array.from(written, (letter, start) => ({ start, end: start + 1, code: letter.charCodeAt(0) })),
  decode: decodeUtf8,
  encode: latin1,
};

/** How texts are written. */
export const codecs = Object.freeze({ json, form, plain });
