import { Command } from 'commander';
import type { Say } from '../key/running.ts';

const examples = `
Looks for the decision id (x-decision-id, or decision_id of a problem body) in files of audit events, OCSF or ECS, and in the
directory of a spool. A call whose messages were looked into on their way has more than one event.
Exit code 0: found, 1: not found, 2: a file cannot be read.

Examples:
  portcullis audit show --decision 5c1b7c4e-8c1f-4f0e-9a1c-0d9f6f3b2a11 /var/log/portcullis/audit.ndjson*
  portcullis audit show --decision 5c1b7c4e-8c1f-4f0e-9a1c-0d9f6f3b2a11 /var/lib/portcullis/spool --json
`;

interface Options {
  readonly decision: string;
  readonly json?: boolean;
}

/** The command `audit show`: all that was written of one call. */
export const showCommand = (say: Say): Command =>
  new Command('show')
    .description('tell the story of one call from what was written of it')
    .requiredOption('--decision <id>', 'the decision id')
    .argument('<file...>', 'files of audit events, directories of spools, or - for standard input')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples)
    .action(async (files: readonly string[], { decision, json = false }: Options, command: Command) => {
      const { show } = await import('./showing.ts');
      const problem = await show(files, decision, json, say);
      if (problem === undefined) return;
      process.exitCode = 2;
      command.configureOutput().writeErr?.(`error: ${problem}\n`);
    });
