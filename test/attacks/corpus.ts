import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Subject } from '../../src/core/plan.ts';
import { type AttackClass, attackClasses } from '../../src/inspect/attacks/rule.ts';

/** One text as a caller might send it. */
export interface Item {
  /** Of attacks the class, of ordinary texts the file that it is from. */
  readonly kind: string;
  readonly text: string;
}

/** A whole request that is judged. */
export interface Asked {
  readonly kind: string;
  readonly title: string;
  readonly subject: Subject;
  /** Why the guard lets it get no further. */
  readonly refused?: string;
  /** Where in the request the text was put; absent: as follows from the text, or the request came as a whole. */
  readonly place?: string;
}

/** Half of the ordinary texts is kept unseen while rules are tuned. */
export type Half = 'tune' | 'unseen';

const folder = (name: string): string => join(import.meta.dirname, name);

/** The lines of a file, each one text; \n, \r and \t within a line are written so, and a backslash before them twice. */
export function linesOf(directory: string, file: string): readonly string[] {
  return readFileSync(join(directory, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/\\([nrt\\])/g, (_whole, sign: string) => written[sign] ?? sign));
}

const written: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** A number that a text always has, from 0 to 2^32 - 1. */
export const numberOf = (text: string): number => Number.parseInt(hash('sha256', text).slice(0, 8), 16);

/** The half that a text belongs to, whichever others there are. */
export const halfOf = (text: string): Half => (numberOf(text) % 2 === 0 ? 'tune' : 'unseen');

const variants = 110;

/** Texts from templates with slots: which word fills a slot follows from the template, its number and the slot's place. */
function fromTemplates(): readonly Item[] {
  const words = new Map(
    linesOf(folder('benign'), 'words.txt').map((line) => {
      const [slot = '', ...choices] = line.split('|');
      return [slot, choices];
    }),
  );
  const texts = new Set<string>();
  for (const template of linesOf(folder('benign'), 'templates.txt')) {
    for (let variant = 0; variant < variants; variant += 1) {
      let place = 0;
      texts.add(
        template.replace(/\{([a-z]+)\}/g, (whole, slot: string) => {
          const choices = words.get(slot);
          place += 1;
          return choices?.[numberOf(`${template} ${variant} ${place}`) % choices.length] ?? whole;
        }),
      );
    }
  }
  return [...texts].map((text) => ({ kind: 'composed', text }));
}

/** Ordinary texts: prose, names, searches, addresses, tokens, documents, and code as people paste it. */
export function benignItems(): readonly Item[] {
  const files = readdirSync(folder('benign')).filter((file) => !/^(?:words|templates)\./.test(file));
  const written = files.flatMap((file) =>
    linesOf(folder('benign'), file).map((text) => ({ kind: file.replace(/\.txt$/, ''), text })),
  );
  return [...written, ...fromTemplates()];
}

const isClass = (name: string): name is AttackClass => attackClasses.some((known) => known === name);

/** Attacks in our own words, by class. */
export function ownAttacks(): readonly Item[] {
  return readdirSync(folder('attacks')).flatMap((file) => {
    const kind = file.replace(/\.txt$/, '');
    if (!isClass(kind)) throw new Error(`${file} is of no class`);
    return readFileSync(join(folder('attacks'), file), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((text) => ({ kind, text: decoded(text) }));
  });
}

/** A line of percent-encoding as a query's reader gives it. */
function decoded(line: string): string {
  try {
    return decodeURIComponent(line.replaceAll('\\n', '\n'));
  } catch {
    return line;
  }
}
