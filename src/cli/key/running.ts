import type { Command } from 'commander';
import type { KeyWords } from '../../authn/index.ts';
import type { Keys } from '../../config/keys/edit.ts';
import { type KeyBook, KeysProblem } from './book.ts';
import type { BookOptions } from './open-book.ts';

/** Prints a text and a line feed. */
export type Say = (text: string) => void;

/** The options of every command about keys. */
export interface KeyOptions extends BookOptions {
  readonly json?: boolean;
}

/** Adds the options that say where the keys are, and how to answer. */
export const withBook = (command: Command): Command =>
  command
    .option('--file <file>', 'the keys file: YAML, JSON, or an entry a line (.ndjson)')
    .option('--config <file>', 'the config whose identity says where the keys are')
    .option('--identity <id>', 'the identity of the config (default: the only one with API keys)')
    .option('--json', 'print one JSON object');

/** Runs what a command does; what cannot be done is exit code 1, what cannot be meant is 2, each with a message. */
export async function attempt(command: Command, act: () => Promise<void>): Promise<void> {
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

/** Opens the book that the options name, and closes it after its use. */
export async function within(options: BookOptions, use: (book: KeyBook) => Promise<void>): Promise<void> {
  const { openBook } = await import('./open-book.ts');
  const book = await openBook(options);
  if (book === undefined) throw new RangeError('say where the keys are: --file FILE, or --config FILE');
  try {
    await use(book);
  } finally {
    await book.close();
  }
}

/** The entry of a key that is there. */
export function find(keys: Keys, id: string, { place }: KeyBook): KeyWords {
  const entry = keys.get(id);
  if (entry === undefined) throw new KeysProblem(`no key "${id}" in ${place}; see \`portcullis key list\``);
  return entry;
}
