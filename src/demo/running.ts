import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SetupProblem } from '../envoy/problem.ts';
import { projectRoot, stateFolder } from './gateway.ts';
import { accountNames, isAccount } from './provider/accounts.ts';
import { requestToken, type TokenSource } from './token.ts';

const notRunning = 'The demo is not running; start it with: npm run demo';

/** Where the demo keeps its state: PORTCULLIS_DEMO_DIR, or .demo in the project. */
export const demoFolder = ({ PORTCULLIS_DEMO_DIR }: NodeJS.ProcessEnv): string =>
  resolve(PORTCULLIS_DEMO_DIR || join(projectRoot, stateFolder));

const noteFile = (folder: string): string => join(folder, 'running.json');

/** Leaves a note of the running demo for the commands `token` and `key`. */
export async function noteRunning(folder: string, source: TokenSource): Promise<void> {
  const { issuer, clientSecret } = source;
  await writeFile(noteFile(folder), JSON.stringify({ pid: process.pid, issuer, clientSecret }), { mode: 0o600 });
}

/** Takes the note away. */
export const noteStopped = (folder: string): Promise<void> => rm(noteFile(folder), { force: true });

/** Rejects with a SetupProblem when a demo runs that keeps its state in this folder. */
export async function ensureNoneRuns(folder: string): Promise<void> {
  const note = await readNote(folder);
  if (note === undefined || !isAlive(note.pid)) return;
  throw new SetupProblem(
    `A demo runs already (process ${note.pid}) with its state in ${folder}; stop it, or set PORTCULLIS_DEMO_DIR to another folder.`,
  );
}

/** An access token from the running demo. Rejects with a SetupProblem when there is none, or no such account. */
export async function tokenOfRunning(folder: string, account: string): Promise<string> {
  if (!isAccount(account)) {
    throw new SetupProblem(`There is no account ${JSON.stringify(account)}; there are ${accountNames.join(', ')}.`);
  }
  return requestToken(await running(folder), account);
}

/** The API key of the running demo. Rejects with a SetupProblem when there is none. */
export async function keyOfRunning(folder: string): Promise<string> {
  await running(folder);
  return (await readFile(join(folder, 'key'), 'utf8')).trim();
}

interface Note extends TokenSource {
  readonly pid: number;
}

async function running(folder: string): Promise<Note> {
  const note = await readNote(folder);
  if (note === undefined || !isAlive(note.pid)) throw new SetupProblem(notRunning);
  return note;
}

async function readNote(folder: string): Promise<Note | undefined> {
  const text = await readFile(noteFile(folder), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const note = parse(text);
  if (note === null || typeof note !== 'object') return undefined;
  if (!('pid' in note && 'issuer' in note && 'clientSecret' in note)) return undefined;
  return { pid: Number(note.pid), issuer: String(note.issuer), clientSecret: String(note.clientSecret) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and belongs to someone else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
