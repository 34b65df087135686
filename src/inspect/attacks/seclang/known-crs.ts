import { hash } from 'node:crypto';
import { basename } from 'node:path';
import type { SourceFile } from '../../../core/build.ts';
import { type Gates, gatesOf, takeGates } from '../detection/conditions.ts';
import type { AttackRule, Operator } from '../rule.ts';
import { type CompiledCrs, compileCrs } from './crs.ts';

/** An issue or a note at a line of a file, which stands by its bare name. */
interface Told {
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly kind: 'issue' | 'note';
}

/** What reading a directory of rules came to: plain data. */
export interface CrsReading extends Pick<CompiledCrs, 'rules' | 'paranoia' | 'threshold'> {
  /** Made of the names and the digests of the files. */
  readonly key: string;
  /** What is wrong with the directory as a whole; undefined: nothing. */
  readonly problem: string | undefined;
  readonly told: readonly Told[];
}

/** A reading by another thread, with what takes most of the time of a compilation. */
export interface CrsFarReading {
  readonly reading: CrsReading;
  /** By the place of the operator among all of them; undefined: not worked out. */
  readonly gates: readonly (Gates | undefined)[];
}

/** By what a directory is found again. */
export const crsKey = (files: readonly Pick<SourceFile, 'name' | 'digest'>[]): string =>
  hash('sha256', files.map(({ name, digest }) => `${digest} ${basename(name)}\n`).join(''));

function recording(file: SourceFile, told: Told[]): SourceFile {
  const { name } = file;
  const tell =
    (kind: Told['kind']) =>
    (line: number, message: string): void =>
      void told.push({ file: basename(name), line, message, kind });
  return {
    name,
    digest: file.digest,
    bytes: file.bytes,
    text: file.text,
    document: () => file.document(),
    issue: (path, message) => file.issue(path, message),
    issueAt: tell('issue'),
    noteAt: tell('note'),
  };
}

function read(files: readonly SourceFile[]): CrsReading {
  const told: Told[] = [];
  let problem: string | undefined;
  const { rules, paranoia, threshold } = compileCrs(
    files.map((file) => recording(file, told)),
    (message) => {
      problem = message;
    },
  );
  return { key: crsKey(files), rules, paranoia, threshold, problem, told };
}

// The directory of the plan in force and that of the next, and for whom two of them are used.
const mostKnown = 4;
const known = new Map<string, CrsReading>();

function remember(reading: CrsReading): CrsReading {
  known.delete(reading.key);
  known.set(reading.key, reading);
  for (const key of [...known.keys()].slice(0, -mostKnown)) known.delete(key);
  return reading;
}

/** A directory that was read lately. */
export function knownCrs(key: string): CrsReading | undefined {
  const reading = known.get(key);
  return reading && remember(reading);
}

const operatorsOf = (
  rules: readonly AttackRule[],
): readonly { readonly operator: Operator; readonly level: number }[] =>
  rules.flatMap(({ conditions, paranoia: level }) => conditions.map(({ operator }) => ({ operator, level })));

/** Reads a directory for another thread; of rules up to a level it works out what texts must have to match. */
export function readCrsFar(files: readonly SourceFile[], paranoia: number | undefined): CrsFarReading {
  const reading = read(files);
  const most = paranoia ?? Math.max(2, reading.paranoia);
  const gates = operatorsOf(reading.rules).map(({ operator, level }) =>
    level <= most && operator.kind === 'rx' ? gatesOf(operator) : undefined,
  );
  return { reading, gates };
}

/** Takes what another thread has read, so that openCrs finds it known. */
export function takeCrs({ reading, gates }: CrsFarReading): CrsReading {
  for (const [index, { operator }] of operatorsOf(reading.rules).entries()) {
    const own = gates[index];
    if (own !== undefined) takeGates(operator, own);
  }
  return remember(reading);
}

// Rules of a config that name the same directory have the same files: each tells once.
const heard = new WeakSet<SourceFile>();

/**
 * The rules of a directory: read once for the same names and bytes, also from one load of the config to the next. Its issues
 * and notes go to the files, what is wrong with it as a whole to issue.
 */
export function openCrs(files: readonly SourceFile[], issue: (message: string) => void): CrsReading {
  const reading = knownCrs(crsKey(files)) ?? remember(read(files));
  const told = Map.groupBy(reading.told, ({ file }) => file);
  for (const file of files) {
    if (heard.has(file)) continue;
    heard.add(file);
    for (const { line, message, kind } of told.get(basename(file.name)) ?? []) {
      if (kind === 'issue') file.issueAt(line, message);
      else file.noteAt?.(line, message);
    }
  }
  if (reading.problem !== undefined) issue(reading.problem);
  return reading;
}
