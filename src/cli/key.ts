import { Command } from 'commander';
import { mintApiKey } from '../authn/index.ts';
import { print } from './print.ts';

type KeyEntry = ReturnType<typeof mintApiKey>['entry'];

interface KeyOptions {
  readonly owner: string;
  readonly roles: readonly string[];
  readonly id?: string;
  readonly expires?: string;
  readonly json?: boolean;
}

const examples = `
The key is printed once and kept nowhere: hand it to its owner, and put the entry into the keys file. The entry holds
a hash of the key; whoever reads it cannot use it.

Examples:
  portcullis key new --owner acme --roles reader
  portcullis key new --owner acme --roles reader,editor --id acme1 --expires 2027-01-31
  portcullis key new --owner acme --roles reader --json | jq -r .key
`;

const words = (list: string): readonly string[] => list.split(',').map((word) => word.trim());

/** The entry as YAML; JSON's quotes are YAML's too, and keep an owner like "yes: [" what it is. */
function entryText(entry: KeyEntry): string {
  const lines = Object.entries(entry).map(([name, value]) =>
    Array.isArray(value)
      ? `${name}: [${value.map((word) => JSON.stringify(word)).join(', ')}]`
      : `${name}: ${JSON.stringify(value)}`,
  );
  return lines.map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`).join('\n');
}

/** The command `key`, with `key new`: makes an API key and its entry for the keys file. */
export function keyCommand(say: (text: string) => void = print): Command {
  const command = new Command('key').description('make API keys');
  const create = command
    .command('new')
    .description('make an API key of 256 random bits; print it once, with the entry for the keys file')
    .requiredOption('--owner <name>', 'who the key is for: the id of its principal')
    .requiredOption('--roles <a,b>', 'its roles, with commas between them', words)
    .option('--id <id>', 'a name of the key that is no secret, of lower-case letters and digits (default: random)')
    .option('--expires <date>', 'the date or time from which it is no longer good (default: never)')
    .option('--json', 'print one JSON object: key, entry')
    .addHelpText('after', examples);
  create.action(({ json, ...request }: KeyOptions) => {
    try {
      const { key, entry } = mintApiKey(request);
      // A well-formed date, or it would have been refused: a key that is dead at birth is a slip of the year.
      if (Date.parse(entry.expires ?? '') <= Date.now()) throw new RangeError('that time is over already');
      if (json) say(JSON.stringify({ key, entry }, null, 2));
      else say(`# Shown once and kept nowhere:\nkey: ${key}\n\n# For the keys file:\nkeys:\n${entryText(entry)}`);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      create.error(`error: ${error.message}`, { exitCode: 2 });
    }
  });
  return command;
}
