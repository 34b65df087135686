import { Command } from 'commander';
import type { Say } from '../key/running.ts';
import type { VerifyOptions } from './verifying.ts';

const examples = `
Each sink of each process writes a chain: every event has its number, the hash of the event before it, and its own. A file
may hold several chains, and a chain may go over several files, named in any order (rotated ones, .gz too). Of each chain
the first fault is told, with its file and line: an event that was changed, is missing, stands in another place or was put in.
With --public-key the signed checkpoints (audit.signing_key_file) must hold too; without, whoever can write the file can
also write a new chain. That the last events were cut off shows where the process ended in order and has a signing key;
--ended demands that every chain has its end: not so while a process runs, or after it was killed.
Exit code 0: all chains hold, 1: a fault was found, 2: a file cannot be read, or holds no event.

Examples:
  portcullis audit verify /var/log/portcullis/audit.ndjson*
  portcullis audit verify --public-key audit.pub --ended audit.ndjson
  portcullis audit verify --partial audit.ndjson.20261122T120000.000Z --json
`;

/** The command `audit verify`: whether events are as they were written. */
export const verifyCommand = (say: Say): Command =>
  new Command('verify')
    .description('find audit events that were changed, removed, moved or put in')
    .argument('<file...>', 'files of audit events, or - for standard input')
    .option('--public-key <file>', 'the public part of audit.signing_key_file, as PEM')
    .option('--partial', 'accept that chains begin in their middle: older files are gone')
    .option('--ended', 'demand that every chain ended in order')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples)
    .action(async (files: readonly string[], options: VerifyOptions, command: Command) => {
      const { verify } = await import('./verifying.ts');
      const problem = await verify(files, options, say);
      if (problem !== undefined) {
        process.exitCode = 2;
        if (options.json) say(JSON.stringify({ ok: false, detail: problem }, null, 2));
        else command.configureOutput().writeErr?.(`error: ${problem}\n`);
      }
    });
