import type { BuildContext, SourceFile } from '../../core/build.ts';
import { isObject, own } from '../../core/json.ts';
import type { Reader } from '../../core/options.ts';
import type { AuthnDeps } from '../authenticator.ts';
import { type FileKeys, readFileKeys } from './file-keys.ts';
import { type KeyTable, openKeyTable, packKeys } from './key-table.ts';
import { keyTableName, type Lookup, openSharedKeys } from './shared-keys.ts';

type Find = (hash: Uint8Array) => Promise<Lookup>;

const maxStaleMs = 3_600_000;

/** The keys file that the options of an identity name; undefined where they name none, or more than it. */
export function keysFileOf(options: unknown): string | undefined {
  const named = isObject(options) && own(options, 'store') === undefined ? own(options, 'keys_file') : undefined;
  return typeof named === 'string' && named !== '' ? named : undefined;
}

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
// A plan with issues is thrown away.
const noKeys: KeyTable = openKeyTable(packKeys([]));

function inMemory(source: SourceFile, { keyFiles }: AuthnDeps): Find {
  // Held on to, so that the next plan finds it.
  const keys = keyFiles.of(source);
  const table = keys.table ?? (keys.refused ? noKeys : readInLine(source, keys));
  return async (hash) => {
    const record = (keys.table ?? table).find(hash);
    return record === undefined ? unknown : { kind: 'found', record };
  };
}

/** A file with issues is read again by the next load, for they have to be told again. */
function readInLine(source: SourceFile, keys: FileKeys): KeyTable {
  const { packed, sound } = readFileKeys(source);
  return sound ? keys.take(packed) : noKeys;
}
