import type { SourceFile } from '../../core/build.ts';
import { createLasting } from '../lasting.ts';
import { type KeyTable, openKeyTable, type PackedKeys, packKeys } from './key-table.ts';
import { isLinesFile, readKeysFile } from './keys-file.ts';

/** The keys of one file with that content. Whoever uses them holds on to them. */
export interface FileKeys {
  /** Undefined until they have been read without an issue. */
  readonly table: KeyTable | undefined;
  /** Whether they were read ahead of a load and have issues, which have been told; a load finds no key then. */
  readonly refused: boolean;
  /** Takes what has been read. */
  take(packed: PackedKeys): KeyTable;
  refuse(): void;
}

/** The keys of files by what stands in these: nothing is read again because something else in the config has changed. */
export interface KeyFiles {
  of(file: Pick<SourceFile, 'name' | 'digest'>): FileKeys;
}

/** Opens what is known of keys files: one for the life of the process. What no plan uses any more is given up. */
export function createKeyFiles(): KeyFiles {
  const lasting = createLasting();
  // The same bytes mean something else in a file of another kind.
  return { of: ({ name, digest }) => lasting.resolve('keys', [isLinesFile(name), digest], unread) };
}

function unread(): FileKeys {
  let table: KeyTable | undefined;
  let refused = false;
  return {
    get table() {
      return table;
    },
    get refused() {
      return refused;
    },
    take: (packed) => {
      table = openKeyTable(packed);
      refused = false;
      return table;
    },
    refuse: () => {
      refused = true;
    },
  };
}

/** Reads and packs a keys file, whatever is wrong with it reported; sound: nothing is. */
export function readFileKeys(source: SourceFile): { readonly packed: PackedKeys; readonly sound: boolean } {
  let sound = true;
  const noting =
    <A extends readonly unknown[]>(report: (...args: A) => void) =>
    (...args: A): void => {
      sound = false;
      report(...args);
    };
  const packed = packKeys(
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
  return { packed, sound };
}
