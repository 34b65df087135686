import { readFileSync } from 'node:fs';
import type { Issue } from '../config/issue.ts';
import { isObject } from '../core/json.ts';
import { visible } from '../core/printable.ts';
import { type AdminAnswer, type AdminTarget, AdminUnreachable, parseAdminTarget } from './admin-client.ts';
import { refuseIssues } from './print.ts';
import { UsageProblem } from './usage-problem.ts';

/** The options that say which sidecar is asked, and how its answer is printed. */
export interface SidecarFlags {
  readonly admin?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
}

/** Where answers go: to standard output, and what is wrong to standard error. */
export interface Voice {
  readonly say: (text: string) => void;
  readonly complain: (message: string) => void;
}

/** A sidecar, and what proves us to be its administrator. */
interface AdminPlace {
  readonly target: AdminTarget;
  readonly token: string;
  /** The configured identities and their kinds; undefined where no config is at hand. */
  readonly identities: ReadonlyMap<string, string> | undefined;
}

/** One question to a sidecar, and how people are told of the answer. */
interface Question {
  /** May throw a UsageProblem. */
  readonly ask: (place: AdminPlace) => Promise<AdminAnswer>;
  readonly story: (body: AdminAnswer['body']) => string;
  /** What did not happen: "not revoked". */
  readonly not: string;
}

/**
 * Asks the admin API of a sidecar and prints what it says. Resolves with the exit code: 0 done, 1 the sidecar or its store
 * cannot be reached, 2 refused, or a command line that cannot be meant.
 */
export async function askSidecar(
  file: string | undefined,
  flags: SidecarFlags,
  { say, complain }: Voice,
  { ask, story, not }: Question,
): Promise<number> {
  const fail = (message: string, exitCode: 1 | 2, more: Readonly<Record<string, unknown>> = {}): number => {
    if (flags.json) say(JSON.stringify({ ok: false, detail: message, ...more }, null, 2));
    else complain(message);
    return exitCode;
  };
  try {
    const found = await findSidecar(file, flags);
    if ('issues' in found) return refuseIssues(found.issues, flags.json, say);
    const { status, body } = await ask(found);
    if (status >= 300) {
      const detail = typeof body['detail'] === 'string' ? body['detail'] : `status ${status}`;
      return fail(visible(`${not}: ${detail}`), status >= 500 ? 1 : 2, { code: body['code'] });
    }
    say(flags.json ? JSON.stringify({ ok: true, ...body }, null, 2) : story(body));
    return 0;
  } catch (error) {
    if (error instanceof UsageProblem) return fail(error.message, 2);
    if (error instanceof AdminUnreachable) return fail(error.message, 1);
    throw error;
  }
}

/** What people are told where a sidecar has no store that others share. */
export const aloneNote = ({ shared }: AdminAnswer['body']): string =>
  shared === false ? '\nwithout Redis, this process alone knows, and forgets it when it ends' : '';

async function findSidecar(
  file: string | undefined,
  { admin, tokenFile }: SidecarFlags,
): Promise<AdminPlace | { readonly issues: readonly Issue[] }> {
  if (file === undefined && (admin === undefined || tokenFile === undefined)) {
    throw new UsageProblem('name the config of the sidecar, or give both --admin and --token-file');
  }
  // Who names the sidecar by its address needs nothing that reads configs.
  const opening = file === undefined ? undefined : (await import('../config/open.ts')).openConfig(file);
  const issues = opening?.issues() ?? [];
  if (issues.length > 0) return { issues };
  const settings = opening?.settings;
  const address = admin ?? settings?.listen.admin ?? '';
  const target = parseAdminTarget(address);
  if (target === undefined) {
    throw new UsageProblem(`"${address}" is no address to ask at; give --admin http://HOST:PORT or unix:/PATH`);
  }
  const token = tokenFile === undefined ? settings?.admin.token : readToken(tokenFile);
  if (token === undefined) {
    throw new UsageProblem('the config names no admin token; set listen.admin.token_file, or give --token-file');
  }
  return { target, token, identities: opening && identitiesOf(opening.masked()) };
}

function readToken(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch {
    throw new UsageProblem(`cannot read the token file "${file}"`);
  }
  // What is in it stays in it: no part of a message, and no header of our making.
  if (!/^[A-Za-z0-9._~+/-]+=*$/.test(text)) throw new UsageProblem(`the file "${file}" holds no token`);
  return text;
}

function identitiesOf(config: unknown): ReadonlyMap<string, string> {
  const identity = isObject(config) ? config['identity'] : undefined;
  const entries = isObject(identity) ? Object.entries(identity) : [];
  return new Map(entries.map(([id, options]) => [id, isObject(options) ? (Object.keys(options)[0] ?? '') : '']));
}
