import { isDeepStrictEqual } from 'node:util';
import { isSeq, parseDocument, type YAMLSeq } from 'yaml';
import { isLinesFile, type KeyWords, packKeys, readKeysFile, readLines } from '../authn/index.ts';
import type { SourceFile } from '../core/build.ts';
import { isObject, own } from '../core/json.ts';
import { createSourceFiles } from './files/source-files.ts';
import type { Issue } from './issue.ts';

/** The entries of a keys file as they stand in it. */
interface KeysText {
  /** Sound only without issues. */
  readonly entries: readonly KeyWords[];
  readonly issues: readonly Issue[];
}

/** Reads the text of a keys file, of the kind that its name says. */
export function readKeysText(file: string, text: string): KeysText {
  const issues: Issue[] = [];
  const { context } = createSourceFiles({
    baseDir: process.cwd(),
    shown: file,
    document: { locate: () => ({ line: 1, col: 1 }), substituted: () => false },
    report: (issue) => issues.push(issue),
    reader: { read: () => Buffer.from(text), list: () => [] },
    cwd: process.cwd(),
  });
  const source = context.file(file);
  if (source === undefined) return { entries: [], issues };
  packKeys(readKeysFile(source));
  // Without issues the reader of keys files had nothing against them.
  return { entries: issues.length === 0 ? (wordsOf(source) as readonly KeyWords[]) : [], issues };
}

function wordsOf(source: SourceFile): readonly unknown[] {
  if (isLinesFile(source.name)) return [...readLines(source.bytes)].map(({ value }) => value);
  const document = source.document();
  const list = isObject(document) ? own(document, 'keys') : undefined;
  return Array.isArray(list) ? list : [];
}

/**
 * The text with some entries put into it: one whose id is there takes the other's place, member by member, another one is
 * added at the end. Comments and order stay. The text has no issues; undefined: there is no file yet.
 */
export function putKeys(file: string, text: string | undefined, puts: readonly KeyWords[]): string {
  const entries = text === undefined ? [] : readKeysText(file, text).entries;
  const wanted = new Map(entries.map((entry) => [entry.id, entry]));
  for (const put of puts) wanted.set(put.id, put);
  const after = isLinesFile(file)
    ? putLines(text ?? '', puts)
    : (putJson(text, puts) ?? putYaml(text ?? 'keys: []\n', entries, puts));
  const plain = (list: Iterable<KeyWords>): unknown => JSON.parse(JSON.stringify([...list]));
  // An alias, or whatever else two entries may share, could carry a change to where it is not meant.
  if (!isDeepStrictEqual(plain(readKeysText(file, after).entries), plain(wanted.values()))) {
    throw new RangeError(`${file} cannot be edited by a program; put the entry there by hand`);
  }
  return after;
}

function putLines(text: string, puts: readonly KeyWords[]): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const left = new Map(puts.map((put) => [put.id, put]));
  for (const { number, value } of readLines(Buffer.from(text))) {
    const id = isObject(value) ? value['id'] : undefined;
    const put = typeof id === 'string' ? left.get(id) : undefined;
    if (put === undefined) continue;
    lines[number - 1] = JSON.stringify(put);
    left.delete(put.id);
  }
  return `${[...lines, ...[...left.values()].map((put) => JSON.stringify(put))].join('\n')}\n`;
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

function putYaml(text: string, entries: readonly KeyWords[], puts: readonly KeyWords[]): string {
  const document = parseDocument(text, { version: '1.2', schema: 'core' });
  const list = document.get('keys');
  if (!isSeq(list)) return text;
  for (const put of puts) {
    const index = entries.findIndex(({ id }) => id === put.id);
    if (index < 0) append(document, list, put);
    for (const [member, value] of index < 0 ? [] : Object.entries(put)) {
      if (!isDeepStrictEqual(own({ ...entries[index] }, member), value)) document.setIn(['keys', index, member], value);
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
