import { Command } from 'commander';
import { type KeyWords, keyState, mintApiKey, revokedKey, rotateKey, timeText } from '../authn/index.ts';
import { parseDurationMs } from '../core/units.ts';
import { type KeyBook, KeysProblem } from './key/book.ts';
import { listingJson, listingText } from './key/listing.ts';
import { type BookOptions, openBook } from './key/open-book.ts';
import { print } from './print.ts';
import { splitWords, unknownName } from './usage.ts';

interface NewOptions extends BookOptions {
  readonly owner: string;
  readonly roles?: readonly string[];
  readonly scopes?: readonly string[];
  readonly addresses?: readonly string[];
  readonly plan?: string;
  readonly id?: string;
  readonly expires?: string;
  readonly json?: boolean;
}

interface RotateOptions extends BookOptions {
  readonly overlap: string;
  readonly id?: string;
  readonly expires?: string;
  readonly json?: boolean;
}

type Say = (text: string) => void;

const examples = {
  new: `
The key is printed once and kept nowhere: hand it to its owner. With --file or --config its entry is put where sidecars
look for it; else it is printed too, for the keys file. The entry holds a hash of the key; whoever reads it cannot use it.

Examples:
  portcullis key new --owner acme --roles reader
  portcullis key new --owner acme --roles reader,editor --id acme1 --expires 2027-01-31 --file keys.yaml
  portcullis key new --owner acme --roles reader --config portcullis.yaml --identity partners --json | jq -r .key
`,
  list: `
Examples:
  portcullis key list --file keys.yaml
  portcullis key list --config portcullis.yaml --identity partners --json | jq '.keys[] | select(.state == "expiring")'
`,
  revoke: `
The key is refused as soon as sidecars have read the file again, or within a second where the store is shared.

Example:
  portcullis key revoke acme1 --config portcullis.yaml --identity partners
`,
  rotate: `
The new key has the owner and the rights of the old one, and as long a life; the old one stays good for the overlap, if
it does not end earlier.

Examples:
  portcullis key rotate acme1 --file keys.yaml
  portcullis key rotate acme1 --overlap 1d --config portcullis.yaml --identity partners --json | jq -r .key
`,
} as const;

/** The entry as YAML; JSON's quotes are YAML's too, and keep an owner like "yes: [" what it is. */
function entryText(entry: KeyWords): string {
  const lines = Object.entries(entry).map(([name, value]) =>
    Array.isArray(value)
      ? `${name}: [${value.map((word) => JSON.stringify(word)).join(', ')}]`
      : `${name}: ${JSON.stringify(value)}`,
  );
  return lines.map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`).join('\n');
}

const withBook = (command: Command): Command =>
  command
    .option('--file <file>', 'the keys file: YAML, JSON, or an entry a line (.ndjson)')
    .option('--config <file>', 'the config whose identity says where the keys are')
    .option('--identity <id>', 'the identity of the config (default: the only one with API keys)')
    .option('--json', 'print one JSON object');

/** Runs what a command does; what cannot be done is exit code 1, what cannot be meant is 2, each with a message. */
async function attempt(command: Command, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (error instanceof KeysProblem) {
      command.configureOutput().writeErr?.(`error: ${error.message}\n`);
      process.exitCode = 1;
    } else if (error instanceof RangeError) command.error(`error: ${error.message}`, { exitCode: 2 });
    else throw error;
  }
}

async function within(options: BookOptions, use: (book: KeyBook) => Promise<void>): Promise<void> {
  const book = openBook(options);
  if (book === undefined) throw new RangeError('say where the keys are: --file FILE, or --config FILE');
  try {
    await use(book);
  } finally {
    await book.close();
  }
}

function find(entries: readonly KeyWords[], id: string, { place }: KeyBook): KeyWords {
  const entry = entries.find((one) => one.id === id);
  if (entry === undefined) throw new KeysProblem(`no key "${id}" in ${place}; see \`portcullis key list\``);
  return entry;
}

async function makeKey({ json, file, config, identity, ...request }: NewOptions, say: Say): Promise<void> {
  const nowMs = Date.now();
  const book = openBook({ ...(file && { file }), ...(config && { config }), ...(identity && { identity }) });
  try {
    const made = mintApiKey({ ...request, created: timeText(nowMs) });
    const { key, entry } = made;
    refuseUnknownRoles(entry, book);
    // A key that is dead at birth is a slip of the year.
    if (keyState(entry, nowMs) === 'expired') throw new RangeError('that time is over already');
    await book?.change((entries) => {
      if (entries.some(({ id }) => id === entry.id)) throw new KeysProblem(`the id "${entry.id}" is taken`);
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

async function takeBack(book: KeyBook, id: string, json: boolean | undefined, say: Say): Promise<void> {
  let entry: KeyWords | undefined;
  await book.change((entries) => {
    entry = revokedKey(find(entries, id, book), Date.now());
    return [entry];
  });
  const revoked = entry?.revoked;
  say(json ? JSON.stringify({ id, revoked }, null, 2) : `${id} is revoked since ${revoked}`);
}

async function rotate(book: KeyBook, id: string, options: RotateOptions, say: Say): Promise<void> {
  const { overlap, json, id: newId, expires } = options;
  const overlapMs = parseDurationMs(overlap);
  if (overlapMs === undefined) throw new RangeError('--overlap is a duration like 12h or 7d');
  const nowMs = Date.now();
  let made: ReturnType<typeof rotateKey> | undefined;
  await book.change((entries) => {
    const taken = new Set(entries.map((one) => one.id));
    if (newId !== undefined && taken.has(newId)) throw new KeysProblem(`the id "${newId}" is taken`);
    const chosen = { ...(newId !== undefined && { id: newId }), ...(expires !== undefined && { expires }) };
    made = rotateKey(find(entries, id, book), { nowMs, overlapMs, taken, ...chosen });
    if (keyState(made.entry, nowMs) === 'expired') {
      throw new RangeError('the new key would be over already; say until when it is good with --expires');
    }
    return [made.old, made.entry];
  });
  if (made === undefined) return;
  const { key, entry, old } = made;
  if (json) say(JSON.stringify({ key, entry, old: { id, expires: old.expires } }, null, 2));
  else {
    const until = entry.expires === undefined ? '' : `, until ${entry.expires}`;
    say(`# Shown once and kept nowhere:\nkey: ${key}\n\n# ${entry.id} is in ${book.place}${until}`);
    say(`# ${id} is good until ${old.expires}`);
  }
}

/** The command `key`: makes API keys, lists them, takes them back and replaces them, in a keys file or in the shared store. */
export function keyCommand(say: Say = print): Command {
  const command = new Command('key').description('make, list, take back and replace API keys');
  const create = withBook(command.command('new'))
    .description('make an API key of 256 random bits; print it once, and put its entry where it belongs')
    .requiredOption('--owner <name>', 'who the key is for: the id of its principal')
    .option('--roles <a,b>', 'its roles, with commas between them', splitWords)
    .option('--scopes <a,b>', 'its scopes', splitWords)
    .option('--plan <name>', 'its plan: a claim that limits may be kept by')
    .option('--id <id>', 'a name of the key that is no secret, of lower-case letters and digits (default: random)')
    .option('--expires <date>', 'the date or time from which it is no longer good (default: never)')
    .option('--addresses <a,b>', 'the addresses and prefixes that it may come from (default: any)', splitWords)
    .addHelpText('after', examples.new);
  create.action((options: NewOptions) => attempt(create, () => makeKey(options, say)));

  const list = withBook(command.command('list'))
    .description('list the keys and their states')
    .addHelpText('after', examples.list);
  list.action((options: BookOptions & { readonly json?: boolean }) =>
    attempt(list, () =>
      within(options, async (book) => say((options.json ? listingJson : listingText)(await book.list(), Date.now()))),
    ),
  );

  const revoke = withBook(command.command('revoke <id>'))
    .description('take a key back, at once')
    .addHelpText('after', examples.revoke);
  revoke.action((id: string, options: BookOptions & { readonly json?: boolean }) =>
    attempt(revoke, () => within(options, (book) => takeBack(book, id, options.json, say))),
  );

  const replace = withBook(command.command('rotate <id>'))
    .description('replace a key by a new one; the old one stays good for a while')
    .option('--overlap <duration>', 'for how long the old key stays good', '7d')
    .option('--id <id>', 'the id of the new key (default: the old one with a count)')
    .option('--expires <date>', 'the end of the new key (default: as long a life as the old one was given)')
    .addHelpText('after', examples.rotate);
  replace.action((id: string, options: RotateOptions) =>
    attempt(replace, () => within(options, (book) => rotate(book, id, options, say))),
  );
  return command;
}
