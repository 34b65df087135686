import { type Command, CommanderError } from 'commander';
import { suggest } from '../config/shape/suggestion.ts';

function throwOnExit(command: Command): void {
  command.exitOverride();
  command.showHelpAfterError('Add --help for the options and examples.');
  for (const child of command.commands) throwOnExit(child);
}

/** Runs a command line; bad options and arguments print a message to stderr and set exit code 2. */
export async function runCommandLine(program: Command, args: readonly string[]): Promise<void> {
  throwOnExit(program);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end a command line too, and are no error.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  }
}

/** The words of an option that takes a list: with commas between them, and blanks where people like them. */
export const splitWords = (list: string): readonly string[] => list.split(',').map((word) => word.trim());

const longestList = 20;

/** What to say of a name on the command line that the config does not have: `unknown role "raeder"; did you mean "reader"?`. */
export function unknownName(what: string, name: string, known: readonly string[]): string {
  const meant = suggest(name, known);
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  const listed = known.length > longestList ? [...known.slice(0, longestList), '…'] : known;
  return `unknown ${what} ${JSON.stringify(name)}${hint}; known are ${listed.join(', ') || 'none'}`;
}
