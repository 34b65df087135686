import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { SetupProblem } from './problem.ts';

const keptCharacters = 256 * 1024;

/** What to start, and where its output goes. */
interface Command {
  /** What people call it: it stands in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** A file that gets all output; it is emptied first. */
  readonly logFile?: string;
}

/** A process of ours, from its start to its end. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Settles when it has ended, with how: "exit code 1", "signal SIGKILL". Never rejects. */
  readonly ended: Promise<string>;
  hasEnded(): boolean;
  /** What it wrote to stdout and stderr, the last 256 Ki characters. */
  output(): string;
  /** What it wrote to stdout alone, the last 256 Ki characters. */
  stdout(): string;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after the grace; resolves when it has ended. */
  stop(graceMs?: number): Promise<void>;
}

/** Starts a process in a group of its own, so that Ctrl-C reaches only us. Rejects with a SetupProblem if it cannot start. */
export async function startChild(command: Command): Promise<Child> {
  const child = spawn(command.command, command.args, {
    cwd: command.cwd,
    env: command.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  const logs = capture(child, command.logFile);
  const pid = await started(child, command);
  let over = false;
  const done = ended.then(async (how) => {
    over = true;
    await logs.close();
    return how;
  });
  const signal = (name: NodeJS.Signals): void => {
    if (!over) child.kill(name);
  };
  return {
    name: command.name,
    pid,
    ended: done,
    hasEnded: () => over,
    output: logs.output,
    stdout: logs.stdout,
    signal,
    stop: async (graceMs = 10_000) => {
      signal('SIGTERM');
      const timer = setTimeout(() => signal('SIGKILL'), graceMs);
      await done;
      clearTimeout(timer);
    },
  };
}

function started(child: ChildProcess, command: Command): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new SetupProblem(`${command.name} cannot be started (${command.command}): ${error.message}`)),
    );
    child.once('spawn', () => {
      if (child.pid !== undefined) resolve(child.pid);
    });
  });
}

function capture(child: ChildProcess, logFile: string | undefined) {
  const file = logFile === undefined ? undefined : createWriteStream(logFile, { mode: 0o600 });
  let all = '';
  let out = '';
  const keep = (kept: string, text: string): string => `${kept}${text}`.slice(-keptCharacters);
  const listen = (stream: NodeJS.ReadableStream | null, take: (text: string) => void): void => {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      all = keep(all, text);
      file?.write(text);
      take(text);
    });
  };
  listen(child.stdout, (text) => {
    out = keep(out, text);
  });
  listen(child.stderr, () => {});
  // A full disk must not end what runs; the log in memory stays.
  file?.on('error', () => {});
  return {
    output: () => all,
    stdout: () => out,
    close: async () => {
      if (file === undefined) return;
      file.end();
      await finished(file).catch(() => {});
    },
  };
}
