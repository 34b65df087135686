import type { TestContext } from 'node:test';
import { Command } from 'commander';
import { runCommandLine } from '../../src/cli/usage.ts';

/** What a command line said, and its exit code. */
interface Ran {
  readonly code: unknown;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line of these commands in this process; what is said is kept, and the exit code is put back. */
export async function runCommands(
  context: TestContext,
  make: (say: (text: string) => void) => readonly Command[],
  args: readonly string[],
): Promise<Ran> {
  const before = process.exitCode;
  context.after(() => {
    process.exitCode = before;
  });
  const out: string[] = [];
  const err: string[] = [];
  const say = (text: string): void => void out.push(text);
  const listen = (command: Command): void => {
    command.configureOutput({ writeOut: say, writeErr: (text) => void err.push(text) });
    command.commands.forEach(listen);
  };
  const program = new Command('portcullis');
  for (const command of make(say)) program.addCommand(command);
  listen(program);
  process.exitCode = 0;
  await runCommandLine(program, args);
  const { exitCode: code } = process;
  process.exitCode = before;
  return { code, out: out.join('\n'), err: err.join('\n') };
}
