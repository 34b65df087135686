import { stat } from 'node:fs/promises';
import { isObject } from '../../core/json.ts';
import { knownContract, prepareContract } from '../../inspect/index.ts';
import { FileUnread } from '../aside/run.ts';
import { digestOf } from '../files/digest.ts';
import { maxFileBytes } from '../files/reader.ts';
import { type Issue, shownFile } from '../issue.ts';
import type { CheckAside, ContractJob } from './aside.ts';

/** Where contracts are read, and who gives up on it. */
export interface ContractsAhead {
  /** Undefined: nobody waits meanwhile, and the load compiles all of them itself. */
  readonly checkAside: CheckAside | undefined;
  readonly signal: AbortSignal;
}

/** The files of the load that is read ahead of. */
interface LoadFiles {
  /** The absolute path of a file that the config names. */
  place(name: string): string;
  /** Takes what has been made of a file, and the SHA-256 of its bytes, in hexadecimal; holds on to it until the load is over. */
  adopt(name: string, digest: string, made: object): void;
  /** Takes it that all issues of a file with this SHA-256 have been told. */
  refuse(name: string, digest: string): void;
  report(issue: Issue): void;
}

/** Smaller documents cost less than a thread does. */
const smallBytes = 4096;

type BasePaths = ContractJob['basePaths'];

/** The documents that rules name, and what stands before their paths. */
function namedContracts(rules: readonly unknown[]): ReadonlyMap<string, BasePaths> {
  const named = new Map<string, Set<string | undefined>>();
  for (const rule of rules) {
    const payload = isObject(rule) && isObject(rule['payload']) ? rule['payload'] : {};
    const { openapi_file: name, base_path: basePath } = payload;
    if (typeof name !== 'string' || name === '') continue;
    const basePaths = named.get(name) ?? new Set();
    named.set(name, basePaths.add(typeof basePath === 'string' ? basePath : undefined));
  }
  return new Map([...named].map(([name, basePaths]) => [name, [...basePaths]]));
}

/**
 * Compiles the OpenAPI documents that rules name, so that the load finds them known, and their issues told: on a thread for
 * their issues, and then here, a path at a time. What is known already is not looked at again, and what cannot be read is left
 * for the load, which sees why. Rejects only when the signal ends it.
 */
export async function readContractsAhead(
  rules: readonly unknown[],
  files: LoadFiles,
  { checkAside, signal }: ContractsAhead,
): Promise<void> {
  if (checkAside === undefined) return;
  // One after the other: each takes memory for a while.
  for (const [name, basePaths] of namedContracts(rules)) {
    await readOne(name, basePaths, files, { checkAside, signal });
  }
}

async function readOne(
  name: string,
  basePaths: BasePaths,
  files: LoadFiles,
  { checkAside, signal }: { readonly checkAside: CheckAside; readonly signal: AbortSignal },
): Promise<void> {
  const file = files.place(name);
  const size = await stat(file).then(
    (status) => status.size,
    () => 0,
  );
  const digest = size < smallBytes || size > maxFileBytes ? undefined : await digestOf(file);
  if (digest === undefined) return;
  const known = basePaths.flatMap((basePath) => knownContract({ digest, basePath }) ?? []);
  if (known.length === basePaths.length) return files.adopt(name, digest, known);
  try {
    const reading = await checkAside({ file, basePaths }, signal);
    // Neither sound nor told why: the load looks for itself.
    if (reading === undefined || (reading.json === undefined && reading.issues.length === 0)) return;
    for (const issue of reading.issues) files.report(issue);
    const { json } = reading;
    if (json === undefined) return files.refuse(name, reading.digest);
    const made = [];
    for (const basePath of basePaths) {
      made.push(await prepareContract({ digest: reading.digest, json, basePath }, signal));
    }
    files.adopt(name, reading.digest, made);
  } catch (error) {
    if (signal.aborted || !(error instanceof FileUnread)) throw error;
    files.report({ file: shownFile(file), line: 1, col: 1, path: '.', message: error.message });
    files.refuse(name, digest);
  }
}
