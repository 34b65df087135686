import { randomBytes } from 'node:crypto';

/** Secrets of one test, and the search for them. */
export interface Planting {
  /** Remembers a secret by a name, a fresh one unless a value is given, and hands it back. */
  plant(name: string, value?: string): string;
  /** "NAME in PLACE" for every secret that stands in a text, by the texts' places: as it is, in base64, percent-encoded or in hexadecimal. */
  leaksIn(texts: Iterable<readonly [string, string]>): readonly string[];
}

/** Letters and digits alone, so that escapes hide none from the search. */
const fresh = (name: string): string => `${name.replace(/[^a-z]/gi, '')}SECRET${randomBytes(8).toString('hex')}`;

/** What stays of a secret in base64 wherever in a text it stood: the characters that its neighbours have no part in. */
const inBase64 = (secret: string): readonly string[] =>
  [0, 1, 2].map((offset) => {
    const text = Buffer.from(`${'x'.repeat(offset)}${secret}`)
      .toString('base64')
      .replace(/=+$/, '');
    return text.slice(Math.ceil((offset * 4) / 3), -2);
  });

const formsOf = (secret: string): readonly string[] => {
  const hexadecimal = Buffer.from(secret).toString('hex');
  const base64 = inBase64(secret).flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')]);
  const escaped = JSON.stringify(secret).slice(1, -1);
  return [...new Set([secret, escaped, encodeURIComponent(secret), hexadecimal, ...base64])];
};

/** Begins with secrets that are there before anything is planted. */
export function openPlanting(first: Readonly<Record<string, string>> = {}): Planting {
  const planted = new Map<string, string>(Object.entries(first));
  return {
    plant: (name, value = fresh(name)) => {
      planted.set(name, value);
      return value;
    },
    leaksIn: (texts) =>
      [...texts].flatMap(([place, text]) =>
        [...planted]
          .filter(([, secret]) => formsOf(secret).some((form) => text.includes(form)))
          .map(([name]) => `${name} in ${place}`),
      ),
  };
}
