import { readFile } from 'node:fs/promises';
import type { KeyWords } from '../../authn/index.ts';
import { changeFile, FileNotChanged } from '../../config/files/change-file.ts';
import { readFailure } from '../../config/files/reader.ts';
import { formatIssue } from '../../config/issue.ts';
import { putKeys, readKeysText } from '../../config/keys.ts';
import { type KeyBook, KeysProblem } from './book.ts';

/** The keys file as a book: sidecars that read it see a change as soon as it is there. */
export function fileBook(file: string): KeyBook {
  return {
    place: file,
    list: async () => {
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        throw new KeysProblem(`cannot read ${file}: ${readFailure(error)}`);
      });
      return entriesOf(file, text);
    },
    change: async (edit) => {
      try {
        await changeFile(file, (text) => {
          const puts = edit(text === undefined ? [] : entriesOf(file, text));
          return puts.length === 0 && text !== undefined ? text : putKeys(file, text, puts);
        });
      } catch (error) {
        if (error instanceof FileNotChanged) throw new KeysProblem(error.message);
        throw error;
      }
    },
    close: async () => {},
  };
}

function entriesOf(file: string, text: string): readonly KeyWords[] {
  const { entries, issues } = readKeysText(file, text);
  if (issues.length === 0) return entries;
  throw new KeysProblem(['the keys file has issues; mend them first', ...issues.map(formatIssue)].join('\n'));
}
