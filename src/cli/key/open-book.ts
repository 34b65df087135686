import { dirname, resolve } from 'node:path';
import { formatIssue } from '../../config/issue.ts';
import type { Opening } from '../../config/open.ts';
import { isObject, own } from '../../core/json.ts';
import { silentLog, silentSignals } from '../../core/ports.ts';
import { type KeyBook, KeysProblem } from './book.ts';
import type { Consulted } from './consult.ts';
import { fileBook } from './file-book.ts';

/** Where the command line says that the keys are. */
export interface BookOptions {
  readonly file?: string;
  readonly config?: string;
  readonly identity?: string;
}

/** Opens the keys file, or the store that an identity of the config has; undefined where neither is named. */
export async function openBook({ file, config, identity }: BookOptions): Promise<KeyBook | undefined> {
  if (file !== undefined && config !== undefined) throw new RangeError('name either --file or --config');
  if (identity !== undefined && config === undefined) throw new RangeError('--identity goes with --config');
  if (file !== undefined) return fileBook(file);
  if (config === undefined) return undefined;
  // A file by itself needs none of this.
  const { openConfig } = await import('../../config/open.ts');
  const opening = openConfig(config);
  const book = await bookOf(config, opening, identity);
  const masked = opening.masked();
  const roles = isObject(masked) ? masked['roles'] : undefined;
  return isObject(roles) ? { ...book, roles: Object.keys(roles) } : book;
}

async function bookOf(config: string, opening: Opening, asked: string | undefined): Promise<KeyBook> {
  const { settings } = opening;
  if (settings === undefined) throw new KeysProblem(opening.issues().map(formatIssue).join('\n'));
  const identities = keysIn(opening.masked());
  const known = [...identities.keys()].join(', ') || 'none';
  const id = asked ?? (identities.size === 1 ? [...identities.keys()][0] : undefined);
  if (id === undefined) throw new RangeError(`say which --identity: those with API keys are ${known}`);
  const options = identities.get(id);
  if (options === undefined) throw new RangeError(`"${id}" is no identity with API keys; known are ${known}`);
  const keysFile = own(options, 'keys_file');
  const consult = async (): Promise<Consulted> => (await import('./consult.ts')).consultRevocations(settings, id);
  if (typeof keysFile === 'string') return { ...fileBook(resolve(dirname(config), keysFile)), consult };
  if (settings.redis.url === undefined) {
    throw new KeysProblem(
      `the keys of "${id}" are in the shared store, and the config has no redis.url to reach it by`,
    );
  }
  const { openState } = await import('../stores.ts');
  const { sharedBook } = await import('./shared-book.ts');
  return { ...sharedBook(openState(settings.redis, silentSignals, silentLog), id), consult };
}

function keysIn(config: unknown): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  const identities = isObject(config) ? config['identity'] : undefined;
  return new Map(
    Object.entries(isObject(identities) ? identities : {}).flatMap(([id, kind]) => {
      const options = isObject(kind) ? own(kind, 'api_key') : undefined;
      return isObject(options) ? [[id, options] as const] : [];
    }),
  );
}
