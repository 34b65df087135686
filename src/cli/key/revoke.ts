import { Command } from 'commander';
import type { KeyWords } from '../../authn/index.ts';
import type { KeyBook } from './book.ts';
import { attempt, find, type KeyOptions, type Say, withBook, within } from './running.ts';

const examples = `
The key is refused as soon as sidecars have read the file again, or within a second where the store is shared.

Example:
  portcullis key revoke acme1 --config portcullis.yaml --identity partners
`;

/** The command `key revoke`: takes a key back in its entry. */
export function revokeCommand(say: Say): Command {
  const revoke = withBook(new Command('revoke'))
    .argument('<id>')
    .description('take a key back, at once')
    .addHelpText('after', examples);
  revoke.action((id: string, options: KeyOptions) =>
    attempt(revoke, () => within(options, (book) => takeBack(book, id, options.json, say))),
  );
  return revoke;
}

async function takeBack(book: KeyBook, id: string, json: boolean | undefined, say: Say): Promise<void> {
  const { revokedKey } = await import('../../authn/index.ts');
  let entry: KeyWords | undefined;
  await book.change((keys) => {
    entry = revokedKey(find(keys, id, book), Date.now());
    return [entry];
  });
  const revoked = entry?.revoked;
  say(json ? JSON.stringify({ id, revoked }, null, 2) : `${id} is revoked since ${revoked}`);
}
