import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findTool } from '../support/tool.ts';

const run = promisify(execFile);

/** A load on one address over cleartext HTTP/2. */
export interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A body makes it a POST. */
  readonly body?: Uint8Array;
  readonly clients: number;
  readonly streams: number;
  readonly requests: number;
  /** Requests a second over all clients; undefined: as many as it takes. */
  readonly rate?: number;
}

/** What the load saw. */
export interface Measured {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Drives the load with nghttp2's h2load. Rejects when any answer is not 2xx. */
export async function drive(load: Load): Promise<Measured> {
  const tool = findTool({ command: 'h2load', variable: 'H2LOAD_BIN', debianPackage: 'nghttp2-client' });
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-'));
  try {
    const log = join(folder, 'log');
    const body = join(folder, 'body');
    if (load.body !== undefined) writeFileSync(body, load.body);
    const args = [
      ...['-n', String(load.requests), '-c', String(load.clients), '-m', String(load.streams), `--log-file=${log}`],
      ...(load.body === undefined ? [] : ['-d', body]),
      ...(load.rate === undefined ? [] : [`--rps=${load.rate / load.clients}`]),
      ...Object.entries(load.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
      load.url,
    ];
    const { stdout } = await run(tool, args, { timeout: 120_000, maxBuffer: 2 ** 24 });
    const good = Number(/status codes: (\d+) 2xx/.exec(stdout)?.[1] ?? 0);
    if (good !== load.requests) throw new Error(`${load.requests - good} of ${load.requests} were not 2xx:\n${stdout}`);
    return measure(readFileSync(log, 'utf8'), Number(/finished in .*?, ([\d.]+) req\/s/.exec(stdout)?.[1] ?? 0));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// A line of the log: microseconds since the epoch at the start, status, microseconds it took.
function measure(log: string, perSecond: number): Measured {
  const durations = log
    .trimEnd()
    .split('\n')
    .map((line) => Number(line.split('\t')[2]))
    .toSorted((a, b) => a - b);
  const at = (share: number): number => (durations[Math.floor((durations.length - 1) * share)] ?? Number.NaN) / 1000;
  return { perSecond, p50Ms: at(0.5), p99Ms: at(0.99) };
}
