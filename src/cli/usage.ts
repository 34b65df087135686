import { type Command, CommanderError } from 'commander';

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
