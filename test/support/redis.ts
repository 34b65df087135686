import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import type { CounterStore } from '../../src/core/limit.ts';
import { freePorts } from './ports.ts';
import { findTool } from './tool.ts';

/** A real Redis for a test: it listens on the loopback, keeps nothing, and ends with the test's process at the latest. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Sends a command over a connection that tests have for themselves. */
  command(name: string, ...args: readonly (string | number)[]): Promise<unknown>;
  /** Forgets all keys. */
  flushAll(): Promise<void>;
  /** Answers nothing for so long. */
  pause(ms: number): Promise<void>;
  /** Stops the process in its tracks, connections open; thaw lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Ends the process without a word. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty, after kill. */
  revive(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Settings besides the ones that every test server has. */
export interface RedisServerOptions {
  /** The password of the default user. */
  readonly password?: string;
}

/** Starts the server; resolves when it accepts connections and rejects with its output when it ends instead. */
async function launch(binary: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(binary, [...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const killOnExit = (): unknown => child.kill('SIGKILL');
  process.once('exit', killOnExit);
  child.once('exit', () => process.off('exit', killOnExit));
  const output: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`redis-server ended: ${output.join('\n')}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      output.push(line);
      if (/ready to accept connections/i.test(line)) resolve();
    });
  });
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

/** A port can be taken between asking for it and using it: another one is tried then. */
async function launchOnFreePort(
  launchOn: (port: number) => Promise<ChildProcess>,
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  let failure: unknown;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const [port = 0] = await freePorts(1);
    try {
      return { child: await launchOn(port), port };
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** The path of redis-server: REDIS_SERVER_BIN, PATH, or the package manager where we are root. */
export const redisServer = (): string =>
  findTool({ command: 'redis-server', variable: 'REDIS_SERVER_BIN', debianPackage: 'redis-server' });

/** Starts a Redis of one's own. */
export async function startRedis({ password = '' }: RedisServerOptions = {}): Promise<RedisServer> {
  const binary = redisServer();
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-redis-'));
  const fixed = ['--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no', '--daemonize', 'no'];
  const secret = password === '' ? [] : ['--requirepass', password];
  const launchOn = (port: number): Promise<ChildProcess> =>
    launch(binary, ['--port', String(port), ...fixed, ...secret]);

  let { child, port } = await launchOnFreePort(launchOn).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  const auth = password === '' ? '' : `:${encodeURIComponent(password)}@`;
  const url = `redis://${auth}127.0.0.1:${port}`;
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => 20 });
  client.on('error', () => {}); // killed servers are what tests are about

  return {
    url,
    port,
    command: (name, ...args) => client.call(name, ...args),
    flushAll: async () => {
      await client.flushall();
    },
    pause: async (ms) => {
      await client.call('CLIENT', 'PAUSE', ms, 'ALL');
    },
    freeze: () => {
      child.kill('SIGSTOP');
    },
    thaw: () => {
      child.kill('SIGCONT');
    },
    kill: () => end(child, 'SIGKILL'),
    revive: async () => {
      child = await launchOn(port);
    },
    stop: async () => {
      client.disconnect();
      // A frozen process would not hear anything milder, and there is nothing to save.
      await end(child, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves once a store counts; a store that never does is ended by the test's own time limit. */
export async function connected(store: CounterStore): Promise<void> {
  const rule = { count: 1, periodMs: 1000, burst: 1 };
  for (;;) {
    try {
      await store.take([{ key: 'connected', algorithm: 'fixed_window', rule, hits: 0 }], 'each');
      return;
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
