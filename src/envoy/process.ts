import { type Child, startChild } from './child.ts';
import { answersOk, waitFor } from './condition.ts';
import { SetupProblem } from './problem.ts';

/** How to run Envoy. */
interface EnvoyOptions {
  /** The binary. */
  readonly binary: string;
  /** The bootstrap's file. */
  readonly config: string;
  /** Where the bootstrap's admin interface listens. */
  readonly adminPort: number;
  /** File paths of the bootstrap start here. */
  readonly cwd: string;
  /** Worker threads; 2 by default. */
  readonly concurrency?: number;
  readonly logLevel?: 'debug' | 'info' | 'warning' | 'error';
  readonly logFile?: string;
  readonly signal?: AbortSignal | undefined;
  /** Hears of the process before it is ready. */
  readonly onStart?: (pid: number) => void;
}

/** Starts Envoy and resolves when it is live: listeners bound, certificates read, endpoints checked once. */
export async function startEnvoy(options: EnvoyOptions): Promise<Child> {
  const level = options.logLevel ?? 'warning';
  const child = await startChild({
    name: 'Envoy',
    command: options.binary,
    // Hot restart shares memory by a number that two gateways on one machine would both use.
    args: [
      '--config-path',
      options.config,
      '--concurrency',
      `${options.concurrency ?? 2}`,
      '--log-level',
      level,
      '--disable-hot-restart',
      '--drain-time-s',
      '1',
      '--parent-shutdown-time-s',
      '2',
    ],
    cwd: options.cwd,
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
  });
  options.onStart?.(child.pid);
  try {
    const holds = () => answersOk(`http://127.0.0.1:${options.adminPort}/ready`);
    await waitFor({ what: 'Envoy is ready', holds, child, signal: options.signal });
  } catch (error) {
    await child.stop();
    throw error;
  }
  return child;
}

/** Lets the binary judge a bootstrap; rejects with a SetupProblem that holds its words. */
export async function validateBootstrap(binary: string, config: string, cwd: string): Promise<void> {
  const args = ['--mode', 'validate', '--config-path', config, '--log-level', 'error', '--disable-hot-restart'];
  const child = await startChild({ name: 'Envoy', command: binary, args, cwd });
  const how = await child.ended;
  if (how !== 'exit code 0') throw new SetupProblem(`Envoy refuses ${config}: ${child.output().trim()}`);
}
