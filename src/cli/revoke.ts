import { Command } from 'commander';
import { print } from './print.ts';
import type { RevokeFlags } from './revoking.ts';

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
  command.action(async (file: string | undefined, flags: RevokeFlags) => {
    const { revoke } = await import('./revoking.ts');
    const complain = (message: string): void => command.configureOutput().writeErr?.(`error: ${message}\n`);
    process.exitCode = await revoke(file, flags, { say, complain });
  });
  return command;
}
