import { isDeepStrictEqual } from 'node:util';
import { isSeq, parseDocument, type YAMLSeq } from 'yaml';
import { isLinesFile, type KeyWords, packKeys, readKeysFile } from '../../authn/index.ts';
import { own } from '../../core/json.ts';
import { createSourceFiles } from '../files/source-files.ts';
import type { Issue } from '../issue.ts';

/** Entries of keys by their ids. */
export interface Keys {
  has(id: string): boolean;
  get(id: string): KeyWords | undefined;
  values(): Iterable<KeyWords>;
}

/** What the text of a keys file holds. */
export interface KeysText {
  /** The entries as they stand there; empty where there are issues. */
  readonly keys: Keys;
  /** The index or the line of each, by its id. */
  readonly places: ReadonlyMap<string, number>;
  readonly issues: readonly Issue[];
}

/** What there is before there is a file. */
export const noKeys: KeysText = Object.freeze({ keys: new Map(), places: new Map(), issues: [] });

/** Reads the text of a keys file, of the kind that its name says. */
export function readKeysText(file: string, text: string): KeysText {
  const issues: Issue[] = [];
  const places = new Map<string, number>();
  const entries = new Map<string, KeyWords>();
  const { context } = createSourceFiles({
    baseDir: process.cwd(),
    shown: file,
    document: { locate: () => ({ line: 1, col: 1 }), substituted: () => false },
    report: (issue) => issues.push(issue),
    reader: { read: () => Buffer.from(text), list: () => [] },
    cwd: process.cwd(),
  });
  const source = context.file(file);
  const inLines = isLinesFile(file);
  const placed = function* (): ReturnType<typeof readKeysFile> {
    for (const entry of source === undefined ? [] : readKeysFile(source)) {
      places.set(entry.record.id, entry.place);
      // Without issues the reader of keys files had nothing against it.
      if (!inLines) entries.set(entry.record.id, entry.value as KeyWords);
      yield entry;
    }
  };
  packKeys(placed());
  if (issues.length > 0) return { ...noKeys, issues };
  return { keys: inLines ? keysInLines(text.split('\n'), places) : entries, places, issues };
}

/** Entries that are parsed when they are asked for: a hundred thousand at once would be most of the time that a command takes. */
function keysInLines(lines: readonly string[], places: ReadonlyMap<string, number>): Keys {
  const at = (number: number): KeyWords => JSON.parse(lines[number - 1] ?? ''); // has been read without issues
  return {
    has: (id) => places.has(id),
    get: (id) => {
      const number = places.get(id);
      return number === undefined ? undefined : at(number);
    },
    values: function* () {
      for (const number of places.values()) yield at(number);
    },
  };
}

/**
 * The text with some entries put into it: one whose id is there takes the other's place, member by member, another one is
 * added at the end. Comments and order stay. text: undefined: there is no file yet. read: what the text holds, without issues.
 */
export function putKeys(
  file: string,
  text: string | undefined,
  { keys, places }: KeysText,
  puts: readonly KeyWords[],
): string {
  // Of lines only those that are put can be wrong: all others stay as they were read.
  if (isLinesFile(file)) {
    const lines = puts.map((put) => JSON.stringify(put));
    refuseUnlessRead(file, `${lines.join('\n')}\n`, puts);
    return putLines(
      text ?? '',
      puts.map(({ id }, index) => [places.get(id), lines[index] ?? '']),
    );
  }
  const wanted = new Map([...keys.values()].map((entry) => [entry.id, entry]));
  for (const put of puts) wanted.set(put.id, put);
  const after = putJson(text, puts) ?? putYaml(text ?? 'keys: []\n', { keys, places }, puts);
  refuseUnlessRead(file, after, [...wanted.values()]);
  return after;
}

/** An alias, or whatever else two entries may share, could carry a change to where it is not meant. */
function refuseUnlessRead(file: string, text: string, wanted: readonly KeyWords[]): void {
  const plain = (list: readonly KeyWords[]): unknown => JSON.parse(JSON.stringify(list));
  if (isDeepStrictEqual(plain([...readKeysText(file, text).keys.values()]), plain(wanted))) return;
  throw new RangeError(`${file} cannot be edited by a program; put the entry there by hand`);
}

/** Puts lines where others stand, by their numbers from 1, or at the end. */
function putLines(text: string, puts: readonly (readonly [number: number | undefined, line: string])[]): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  for (const [number, line] of puts) lines[number === undefined ? lines.length : number - 1] = line;
  return `${lines.join('\n')}\n`;
}

/** Undefined where the text is no JSON. */
function putJson(text: string | undefined, puts: readonly KeyWords[]): string | undefined {
  if (text === undefined || !text.trimStart().startsWith('{')) return undefined;
  try {
    const document: { keys: KeyWords[] } = JSON.parse(text);
    const keys = new Map(document.keys.map((entry) => [entry.id, entry]));
    for (const put of puts) keys.set(put.id, put);
    return `${JSON.stringify({ ...document, keys: [...keys.values()] }, null, 2)}\n`;
  } catch {
    return undefined;
  }
}

function putYaml(text: string, read: Pick<KeysText, 'keys' | 'places'>, puts: readonly KeyWords[]): string {
  const document = parseDocument(text, { version: '1.2', schema: 'core' });
  const list = document.get('keys');
  if (!isSeq(list)) return text;
  for (const put of puts) {
    const [before, index] = [read.keys.get(put.id), read.places.get(put.id)];
    if (before === undefined) append(document, list, put);
    for (const [member, value] of before === undefined ? [] : Object.entries(put)) {
      if (!isDeepStrictEqual(own({ ...before }, member), value)) document.setIn(['keys', index, member], value);
    }
  }
  // As people have it, who may have put the dashes below the key or further in.
  const indentSeq = !/^keys:.*\n(?:[ \t]*(?:#.*)?\n)*-/m.test(text);
  return document.toString({ lineWidth: 0, indentSeq });
}

function append(document: ReturnType<typeof parseDocument>, list: YAMLSeq, put: KeyWords): void {
  if (list.items.length === 0) list.flow = false;
  const node = document.createNode(put);
  // Words stand on one line, as in the output of `key new`.
  if ('items' in node) {
    for (const { value } of node.items as { value: unknown }[]) if (isSeq(value)) value.flow = true; // pairs of a map
  }
  list.add(node);
}
