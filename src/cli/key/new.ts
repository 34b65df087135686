import { Command } from 'commander';
import type { KeyWords } from '../../authn/index.ts';
import { splitWords, unknownName } from '../usage.ts';
import { type KeyBook, KeysProblem } from './book.ts';
import { attempt, type KeyOptions, type Say, withBook } from './running.ts';

interface NewOptions extends KeyOptions {
  readonly owner: string;
  readonly roles?: readonly string[];
  readonly scopes?: readonly string[];
  readonly addresses?: readonly string[];
  readonly plan?: string;
  readonly id?: string;
  readonly expires?: string;
}

const examples = `
The key is printed once and kept nowhere: hand it to its owner. With --file or --config its entry is put where sidecars
look for it; else it is printed too, for the keys file. The entry holds a hash of the key; whoever reads it cannot use it.

Examples:
  portcullis key new --owner acme --roles reader
  portcullis key new --owner acme --roles reader,editor --id acme1 --expires 2027-01-31 --file keys.yaml
  portcullis key new --owner acme --roles reader --config portcullis.yaml --identity partners --json | jq -r .key
`;

/** The command `key new`: makes a key, and puts its entry where it belongs. */
export function newCommand(say: Say): Command {
  const create = withBook(new Command('new'))
    .description('make an API key of 256 random bits; print it once, and put its entry where it belongs')
    .requiredOption('--owner <name>', 'who the key is for: the id of its principal')
    .option('--roles <a,b>', 'its roles, with commas between them', splitWords)
    .option('--scopes <a,b>', 'its scopes', splitWords)
    .option('--plan <name>', 'its plan: a claim that limits may be kept by')
    .option('--id <id>', 'a name of the key that is no secret, of lower-case letters and digits (default: random)')
    .option('--expires <date>', 'the date or time from which it is no longer good (default: never)')
    .option('--addresses <a,b>', 'the addresses and prefixes that it may come from (default: any)', splitWords)
    .addHelpText('after', examples);
  create.action((options: NewOptions) => attempt(create, () => makeKey(options, say)));
  return create;
}

/** The entry as YAML; JSON's quotes are YAML's too, and keep an owner like "yes: [" what it is. */
function entryText(entry: KeyWords): string {
  const lines = Object.entries(entry).map(([name, value]) =>
    Array.isArray(value)
      ? `${name}: [${value.map((word) => JSON.stringify(word)).join(', ')}]`
      : `${name}: ${JSON.stringify(value)}`,
  );
  return lines.map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`).join('\n');
}

async function makeKey({ json, file, config, identity, ...request }: NewOptions, say: Say): Promise<void> {
  const { keyState, mintApiKey, timeText } = await import('../../authn/index.ts');
  const { openBook } = await import('./open-book.ts');
  const nowMs = Date.now();
  const book = await openBook({ ...(file && { file }), ...(config && { config }), ...(identity && { identity }) });
  try {
    const made = mintApiKey({ ...request, created: timeText(nowMs) });
    const { key, entry } = made;
    refuseUnknownRoles(entry, book);
    // A key that is dead at birth is a slip of the year.
    if (keyState(entry, nowMs) === 'expired') throw new RangeError('that time is over already');
    await book?.change((keys) => {
      if (keys.has(entry.id)) throw new KeysProblem(`the id "${entry.id}" is taken`);
      return [entry];
    });
    if (json) say(JSON.stringify({ key, entry }, null, 2));
    else if (book !== undefined)
      say(`# Shown once and kept nowhere:\nkey: ${key}\n\n# ${entry.id} is in ${book.place}`);
    else say(`# Shown once and kept nowhere:\nkey: ${key}\n\n# For the keys file:\nkeys:\n${entryText(entry)}`);
  } finally {
    await book?.close();
  }
}

function refuseUnknownRoles({ roles = [] }: KeyWords, book: KeyBook | undefined): void {
  const known = book?.roles;
  const unknown = known === undefined ? undefined : roles.find((role) => !known.includes(role));
  if (known !== undefined && unknown !== undefined) throw new RangeError(unknownName('role', unknown, known));
}
