import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { openConfig } from '../config/open.ts';
import { isObject } from '../core/json.ts';
import { visible } from '../core/printable.ts';
import { type AdminAnswer, type AdminTarget, AdminUnreachable, parseAdminTarget, postAdmin } from './admin-client.ts';
import { print, refuseIssues } from './print.ts';
import { type RevokeOptions, revokeRequest, UsageProblem } from './revoke-request.ts';

interface CommandOptions extends RevokeOptions {
  readonly admin?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
}

const examples = `
What is revoked is refused on every replica within a second, after restarts too, until the revocation ends: as --for or
--until say, else after revocation.keep of the config; API keys and client certificates are revoked for good. A principal
is revoked with all that is issued to it later, unless --before says up to when: after --before now a new login is good.
The sidecar's address and token are those of the config's listen.admin, or of --admin and --token-file.
Exit code 0: revoked, 1: the sidecar or its store cannot be reached, 2: refused, or a command line that cannot be meant.

Examples:
  portcullis revoke portcullis.yaml --principal users/alice --before now
  portcullis revoke portcullis.yaml --token 5c1b7c4e --identity users --for 1d
  portcullis revoke portcullis.yaml --key k7f2
  portcullis revoke --admin http://10.0.0.7:9192 --token-file admin.token --session 08a5019c --identity users --json
`;

/** The command `revoke`: takes back a token, a session, a key or all of a principal, on every replica. */
export function revokeCommand(say: (text: string) => void = print): Command {
  const command = new Command('revoke')
    .description('take back a token, a session, an API key or all of a principal, on every replica')
    .argument('[file]', 'the config of the sidecar that is asked')
    .option('--token <jti>', 'the token with this jti')
    .option('--session <sid>', 'the session with this sid, and all that belongs to it')
    .option('--principal <identity/id>', 'all that an identity vouches for under this id')
    .option('--key <id>', 'the API key with this id')
    .option('--identity <name>', 'the identity that vouches for it (default: the only one of its kind in the config)')
    .option('--before <time>', 'only what was issued before this time, or before now')
    .option('--for <duration>', 'keep the revocation so long')
    .option('--until <time>', 'keep the revocation until then')
    .option('--admin <address>', 'the admin API: a URL, host:port or unix:/path (default: listen.admin of the config)')
    .option('--token-file <file>', 'a file with the admin token (default: that of the config)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples);
  command.action(async (file: string | undefined, options: CommandOptions) => {
    const fail = (message: string, exitCode: 1 | 2, more: Readonly<Record<string, unknown>> = {}): void => {
      process.exitCode = exitCode;
      if (options.json) say(JSON.stringify({ ok: false, detail: message, ...more }, null, 2));
      else command.configureOutput().writeErr?.(`error: ${message}\n`);
    };
    try {
      const found = findSidecar(file, options);
      if ('issues' in found) {
        process.exitCode = refuseIssues(found.issues, options.json, say);
        return;
      }
      const body = revokeRequest(options, found.identities, Date.now());
      const answer = await postAdmin(found.target, '/revocations', found.token, body);
      if (answer.status === 201)
        say(options.json ? JSON.stringify({ ok: true, ...answer.body }, null, 2) : story(answer));
      else fail(refusal(answer), answer.status >= 500 ? 1 : 2, { code: answer.body['code'] });
    } catch (error) {
      if (error instanceof UsageProblem) fail(error.message, 2);
      else if (error instanceof AdminUnreachable) fail(error.message, 1);
      else throw error;
    }
  });
  return command;
}

interface Sidecar {
  readonly target: AdminTarget;
  readonly token: string;
  /** Undefined where no config is at hand. */
  readonly identities: ReadonlyMap<string, string> | undefined;
}

type Issues = ReturnType<ReturnType<typeof openConfig>['issues']>;

function findSidecar(
  file: string | undefined,
  { admin, tokenFile }: CommandOptions,
): Sidecar | { readonly issues: Issues } {
  if (file === undefined && (admin === undefined || tokenFile === undefined)) {
    throw new UsageProblem('name the config of the sidecar, or give both --admin and --token-file');
  }
  const opening = file === undefined ? undefined : openConfig(file);
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

function story({ body }: AdminAnswer): string {
  const { kind, identity, value, before, until, shared } = body;
  const which = before === null ? '' : `, what was issued before ${before}`;
  const end = until === null ? 'for good' : `until ${until}`;
  const note = shared === false ? '\nwithout Redis, this process alone knows, and forgets it when it ends' : '';
  return `${visible(`revoked: ${kind} ${identity}/${value}${which}, ${end}`)}${note}`;
}

function refusal({ status, body }: AdminAnswer): string {
  const detail = typeof body['detail'] === 'string' ? body['detail'] : `status ${status}`;
  return visible(`not revoked: ${detail}`);
}
