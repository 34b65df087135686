import { Command } from 'commander';
import { attempt, type KeyOptions, type Say, withBook, within } from './running.ts';

const examples = `
The state of a key is active, expiring (in its last two weeks), expired or revoked. With --config, what \`portcullis revoke\`
has taken back counts too: Redis is asked, or the sidecar's admin API; where neither can be, the list says so.

Examples:
  portcullis key list --file keys.yaml
  portcullis key list --config portcullis.yaml --identity partners --json | jq '.keys[] | select(.state == "expiring")'
`;

/** The command `key list`: the keys and their states. */
export function listCommand(say: Say): Command {
  const list = withBook(new Command('list'))
    .description('list the keys and their states')
    .addHelpText('after', examples);
  list.action((options: KeyOptions) =>
    attempt(list, () =>
      within(options, async (book) => {
        const { notConsulted } = await import('./consult.ts');
        const { listingJson, listingText } = await import('./listing.ts');
        const entries = await book.list();
        const consulted = (await book.consult?.()) ?? notConsulted('only with --config is it known whom to ask');
        say((options.json ? listingJson : listingText)({ entries, consulted, nowMs: Date.now() }));
      }),
    ),
  );
  return list;
}
