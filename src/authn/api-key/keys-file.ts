import type { Report, SourceFile } from '../../core/build.ts';
import { isObject } from '../../core/json.ts';
import { openReader } from '../../core/options.ts';
import { type PlacedEntry, readEntry, refuseUnknown } from './entry.ts';
import { readLines } from './lines.ts';

/** What may be an entry, at its place in a file. */
interface Item {
  readonly value: unknown;
  /** Its index or its line. */
  readonly place: number;
  readonly report: Report;
}

/** What reading a keys file takes of it. */
type KeysSource = Omit<SourceFile, 'text' | 'digest'>;

/** Whether a keys file holds an entry a line rather than one document: 100,000 keys are read in a second so. */
export const isLinesFile = (name: string): boolean => /\.(?:ndjson|jsonl)$/i.test(name);

// More do not help anybody: they are likely to have one cause.
const maxBad = 50;

/**
 * Reads a keys file as it is iterated: YAML or JSON with `keys:` and a list of entries, or JSON Lines with an entry a line
 * (.ndjson, .jsonl). Whatever is wrong is an issue at its place.
 */
export function* readKeysFile(file: KeysSource): Generator<PlacedEntry> {
  const inLines = isLinesFile(file.name);
  for (const { value, place, report } of inLines ? itemsOfLines(file) : itemsOfDocument(file)) {
    const entry = readEntry(value, report);
    if (entry === undefined) continue;
    const repeats = (member: string, first: number): void =>
      report([member], `is that of ${inLines ? 'line' : 'the entry at index'} ${first} too`);
    yield { ...entry, value, place, repeats };
  }
}

function* itemsOfDocument(file: KeysSource): Generator<Item> {
  const document = file.document();
  if (document === undefined) return;
  const report: Report = (path, message) => file.issue(path, message);
  refuseUnknown(document, ['keys'], report);
  const list = openReader(document, report).raw('keys');
  if (!Array.isArray(list)) {
    if (isObject(document)) report(['keys'], 'must be a list of keys');
    return;
  }
  let bad = 0;
  for (const [place, value] of list.entries()) {
    let sound = true;
    const reportAt: Report = (path, message) => {
      sound = false;
      report(['keys', place, ...path], message);
    };
    yield { value, place, report: reportAt };
    bad += sound ? 0 : 1;
    if (bad < maxBad) continue;
    report(['keys', place], `the entries after this one were not looked at: ${maxBad} are bad already`);
    return;
  }
}

function* itemsOfLines(file: KeysSource): Generator<Item> {
  let bad = 0;
  for (const { number: place, value, problem } of readLines(file.bytes)) {
    let sound = true;
    const report: Report = (path, message) => {
      sound = false;
      file.issueAt(place, [path.join('.'), message].join(' ').trim());
    };
    if (problem === undefined) yield { value, place, report };
    else report([], `is no strict JSON on one line: ${problem}`);
    bad += sound ? 0 : 1;
    if (bad < maxBad) continue;
    file.issueAt(place, `the lines after this one were not looked at: ${maxBad} are bad already`);
    return;
  }
}
