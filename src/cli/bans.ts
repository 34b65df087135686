import { Command } from 'commander';
import type { AddFlags, ListFlags, TargetFlags } from './bans/asking-bans.ts';
import { print } from './print.ts';

const sidecar = `
The sidecar's address and token are those of the config's listen.admin, or of --admin and --token-file.
Exit code 0: done, 1: the sidecar or its store cannot be reached, 2: refused, or a command line that cannot be meant.
`;

const addNotes = `
Who is banned is refused with 403 on every replica within a second, and after restarts too, until the ban ends or is
removed; with --tighten nobody is refused, and each request counts so often in limits. A bare IPv6 address stands for
its /64, for one client has all of it; write /128 where you mean less. Addresses that the config allows are not refused.
${sidecar}
Examples:
  portcullis bans add portcullis.yaml --address 198.51.100.7 --for 1h --why "scrapes the shop"
  portcullis bans add portcullis.yaml --address 2001:db8:7::/48 --until 2027-01-31
  portcullis bans add portcullis.yaml --principal users/mallory
  portcullis bans add --admin http://10.0.0.7:9192 --token-file admin.token --address 203.0.113.0/24 --tighten 5 --for 1d
`;

const removeNotes = `
All bans of an address, a prefix or a principal end, whoever made them; --id names the ban that audit speaks of.
${sidecar}
Examples:
  portcullis bans remove portcullis.yaml --address 198.51.100.7
  portcullis bans remove portcullis.yaml --id 0b1f3a52-5f0e-4c5e-9d1c-3f2a8b7c6d5e
`;

const listNotes = `
Bans that are in force, the newest first; --address shows those that hold an address.
${sidecar}
Examples:
  portcullis bans list portcullis.yaml
  portcullis bans list portcullis.yaml --address 198.51.100.7 --json
`;

/** The command `bans`: whom a sidecar and its replicas refuse for a while, or let ask less often. */
export function bansCommand(say: (text: string) => void = print): Command {
  const bans = new Command('bans').description('list, add and remove bans of clients, on every replica');
  const sub = (name: string, description: string, notes: string): Command =>
    bans
      .command(name)
      .description(description)
      .argument('[file]', 'the config of the sidecar that is asked')
      .option(
        '--admin <address>',
        'the admin API: a URL, host:port or unix:/path (default: listen.admin of the config)',
      )
      .option('--token-file <file>', 'a file with the admin token (default: that of the config)')
      .option('--json', 'print one JSON object')
      .addHelpText('after', notes);
  const voiceOf = (command: Command) => ({
    say,
    complain: (message: string): void => command.configureOutput().writeErr?.(`error: ${message}\n`),
  });

  const list = sub('list', 'show who is banned', listNotes)
    .option('--address <address>', 'only bans that hold this address or prefix')
    .option('--principal <identity/id>', 'only bans of this principal')
    .option('--by <author>', 'only what was banned by the operator, or by this detector');
  list.action(async (file: string | undefined, flags: ListFlags) => {
    process.exitCode = await (await import('./bans/asking-bans.ts')).listBans(file, flags, voiceOf(list));
  });
  const add = sub('add', 'ban an address, a prefix or a principal', addNotes)
    .option('--address <prefix>', 'whoever comes from this address or prefix')
    .option('--principal <identity/id>', 'all that an identity vouches for under this id')
    .option('--for <duration>', 'ban for so long (default: until it is removed)')
    .option('--until <time>', 'ban until then')
    .option('--tighten <factor>', 'do not refuse: count each request so often in limits')
    .option('--why <text>', 'a line that the list, audit and webhooks show')
    .option('--force', 'also a prefix that is very wide');
  add.action(async (file: string | undefined, flags: AddFlags) => {
    process.exitCode = await (await import('./bans/asking-bans.ts')).addBan(file, flags, voiceOf(add));
  });
  const remove = sub('remove', 'end the bans of an address, a prefix or a principal', removeNotes)
    .option('--address <prefix>', 'the address or prefix, as it was banned')
    .option('--principal <identity/id>', 'the principal')
    .option('--id <id>', 'whom the ban with this id means');
  remove.action(async (file: string | undefined, flags: TargetFlags) => {
    process.exitCode = await (await import('./bans/asking-bans.ts')).removeBans(file, flags, voiceOf(remove));
  });
  return bans;
}
