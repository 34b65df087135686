import { readFile } from 'node:fs/promises';
import { changeFile, FileNotChanged } from '../../config/files/change-file.ts';
import { readFailure } from '../../config/files/reader.ts';
import { formatIssue } from '../../config/issue.ts';
import { type KeysText, noKeys, putKeys, readKeysText } from '../../config/keys/edit.ts';
import { type KeyBook, KeysProblem } from './book.ts';

/** The keys file as a book: sidecars that read it see a change as soon as it is there. */
export function fileBook(file: string): KeyBook {
  return {
    place: file,
    list: async () => {
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        throw new KeysProblem(`cannot read ${file}: ${readFailure(error)}`);
      });
      return soundKeys(file, text).keys.values();
    },
    change: async (edit) => {
      try {
        await changeFile(file, (text) => {
          const read = text === undefined ? noKeys : soundKeys(file, text);
          const puts = edit(read.keys);
          return puts.length === 0 && text !== undefined ? text : putKeys(file, text, read, puts);
        });
      } catch (error) {
        if (error instanceof FileNotChanged) throw new KeysProblem(error.message);
        throw error;
      }
    },
    close: async () => {},
  };
}

function soundKeys(file: string, text: string): KeysText {
  const read = readKeysText(file, text);
  if (read.issues.length === 0) return read;
  throw new KeysProblem(['the keys file has issues; mend them first', ...read.issues.map(formatIssue)].join('\n'));
}
