import { hash as digest } from 'node:crypto';
import type { BuildContext, SourceFile } from '../../core/build.ts';
import type { AuthnDeps } from '../authenticator.ts';
import type { Reader } from '../options.ts';
import { type KeyTable, packKeys } from './key-table.ts';
import { isLinesFile, readKeysFile } from './keys-file.ts';
import { keyTableName, type Lookup, openSharedKeys } from './shared-keys.ts';

type Find = (hash: Uint8Array) => Promise<Lookup>;

const maxStaleMs = 3_600_000;

/** Opens the one store that the options name; what is wrong is an issue, and then no key is known. */
export function readKeyStore(id: string, reader: Reader, context: BuildContext, deps: AuthnDeps): Find {
  const file = reader.text('keys_file', '');
  const shared = reader.has('store');
  const staleMs = reader.durationMs('stale_if_error', '0s', { minMs: 0, maxMs: maxStaleMs });
  if (!reader.has('keys_file') && !shared) context.issue(['keys_file'], 'is required, or store: shared');
  if (reader.has('stale_if_error') && !shared) context.issue(['stale_if_error'], 'goes with store: shared');
  if (shared && reader.has('keys_file')) context.issue(['store'], 'stands beside "keys_file": keys have one store');
  else if (shared) return inTable(id, reader, context, deps, staleMs);
  const source = file === '' ? undefined : context.at('keys_file').file(file);
  return source === undefined ? async () => unknown : inMemory(source, deps);
}

function inTable(id: string, reader: Reader, context: BuildContext, deps: AuthnDeps, staleMs: number): Find {
  if (reader.raw('store') !== 'shared') context.issue(['store'], 'must be shared');
  // Nothing but this process could put keys into its memory, and it has no way to.
  else if (!deps.state.shared) context.issue(['store'], 'needs redis.url: the keys are kept there');
  // What is known of the keys goes on over a reload, which may come while the store is away.
  const spec = [id, staleMs];
  const shared = deps.lasting.resolve('api keys in the store', spec, () => ({
    find: openSharedKeys({ table: deps.state.table(keyTableName(id)), clock: deps.clock, staleMs }),
  }));
  return (hash) => shared.find(hash);
}

const unknown: Lookup = Object.freeze({ kind: 'unknown' });

function inMemory(source: SourceFile, { lasting }: AuthnDeps): Find {
  // A hundred thousand keys are not read again because something else in the config changed.
  const spec = [isLinesFile(source.name), digest('sha256', source.bytes)];
  const held: { table?: KeyTable } = lasting.resolve('api keys of a file', spec, () => ({}));
  const read = held.table === undefined ? readTable(source) : { table: held.table, sound: true };
  // A file with issues is read again, for they have to be told again.
  if (read.sound) held.table = read.table;
  return async (hash) => {
    // Held on to, so that the next plan finds it.
    const record = (held.table ?? read.table).find(hash);
    return record === undefined ? unknown : { kind: 'found', record };
  };
}

function readTable(source: SourceFile): { readonly table: KeyTable; readonly sound: boolean } {
  let sound = true;
  const noting =
    <A extends readonly unknown[]>(report: (...args: A) => void) =>
    (...args: A): void => {
      sound = false;
      report(...args);
    };
  const table = packKeys(
    readKeysFile({
      name: source.name,
      bytes: source.bytes,
      document: () => {
        const document = source.document();
        sound &&= document !== undefined;
        return document;
      },
      issue: noting(source.issue),
      issueAt: noting(source.issueAt),
    }),
  );
  return { table, sound };
}
