import { Command } from 'commander';
import type { rotateKey as RotateKey } from '../../authn/index.ts';
import { parseDurationMs } from '../../core/units.ts';
import { type KeyBook, KeysProblem } from './book.ts';
import { attempt, find, type KeyOptions, type Say, withBook, within } from './running.ts';

interface RotateOptions extends KeyOptions {
  readonly overlap: string;
  readonly id?: string;
  readonly expires?: string;
}

const examples = `
The new key has the owner and the rights of the old one, and as long a life; the old one stays good for the overlap, if
it does not end earlier.

Examples:
  portcullis key rotate acme1 --file keys.yaml
  portcullis key rotate acme1 --overlap 1d --config portcullis.yaml --identity partners --json | jq -r .key
`;

/** The command `key rotate`: replaces a key, and leaves the old one good for a while. */
export function rotateCommand(say: Say): Command {
  const command = withBook(new Command('rotate'))
    .argument('<id>')
    .description('replace a key by a new one; the old one stays good for a while')
    .option('--overlap <duration>', 'for how long the old key stays good', '7d')
    .option('--id <id>', 'the id of the new key (default: the old one with a count)')
    .option('--expires <date>', 'the end of the new key (default: as long a life as the old one was given)')
    .addHelpText('after', examples);
  command.action((id: string, options: RotateOptions) =>
    attempt(command, () => within(options, (book) => rotate(book, id, options, say))),
  );
  return command;
}

async function rotate(book: KeyBook, id: string, options: RotateOptions, say: Say): Promise<void> {
  const { keyState, rotateKey } = await import('../../authn/index.ts');
  const { overlap, json, id: newId, expires } = options;
  const overlapMs = parseDurationMs(overlap);
  if (overlapMs === undefined) throw new RangeError('--overlap is a duration like 12h or 7d');
  const nowMs = Date.now();
  let made: ReturnType<typeof RotateKey> | undefined;
  await book.change((keys) => {
    if (newId !== undefined && keys.has(newId)) throw new KeysProblem(`the id "${newId}" is taken`);
    const chosen = { ...(newId !== undefined && { id: newId }), ...(expires !== undefined && { expires }) };
    made = rotateKey(find(keys, id, book), { nowMs, overlapMs, taken: keys, ...chosen });
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
