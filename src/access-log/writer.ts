import type { AccessEntry } from '../core/access-entry.ts';
import { systemClock } from '../core/clock.ts';
import type { AccessRecordCounts, Log } from '../core/ports.ts';
import { sampled } from '../core/sample.ts';
import { openFile } from '../sinks/file.ts';
import { type Line, linesOf } from '../sinks/lines.ts';
import { type LogOrigin, openOtlpLogs } from '../sinks/otlp-logs.ts';
import { causeOf } from './cause.ts';
import type { AccessLogSpec, SinkSpec } from './config.ts';
import { compileEncoder } from './encoder.ts';
import { type Outlet, openOutlet, type RecordSink } from './outlet.ts';

/** What a writer finds around it. */
interface WriterEnvironment {
  readonly origin: LogOrigin;
  /** Where the sink otlp sends to when it has no endpoint of its own. */
  readonly otlpEndpoint: string | undefined;
  /** Writes whole lines to standard output, which others write to as well. */
  readonly stdout: (lines: string) => Promise<'written' | 'closed'>;
  readonly log: Log;
  /** What a writer before it had counted. */
  readonly before: readonly AccessRecordCounts[];
}

/** Writes requests that are over to every sink. Nothing here throws, rejects or makes anybody wait. */
interface Writer {
  take(entry: AccessEntry): void;
  counts(): readonly AccessRecordCounts[];
  /** Writes what waits, in at most boundMs, and closes the sinks. */
  finish(boundMs: number): Promise<void>;
}

/** Opens the sinks. */
export function openWriter({ sinks, sample, mask }: AccessLogSpec, environment: WriterEnvironment): Writer {
  const encoder = compileEncoder(mask);
  let last: AccessEntry | undefined;
  let lastLine: Line = { line: '' };
  // Several sinks write the same line.
  const lineOf = (entry: AccessEntry): Line => {
    if (entry !== last) lastLine = { line: encoder.line(entry) };
    last = entry;
    return lastLine;
  };
  const { log, before } = environment;
  const outlets = sinks.flatMap((spec): readonly Outlet[] => {
    const { name } = spec;
    const shared = { name, log, before: before.find(({ sink }) => sink === name) };
    if (spec.kind !== 'otlp') {
      // Standard output is written on the thread that decides: a little at a time.
      const batchRecords = spec.kind === 'stdout' ? 128 : 1024;
      return [openOutlet({ ...shared, sink: lineSink(spec, environment), encode: lineOf, batchRecords })];
    }
    const endpoint = spec.endpoint ?? environment.otlpEndpoint;
    if (endpoint === undefined) {
      log.info({ sink: name, why: 'there is no endpoint' }, 'a sink of the access log is inactive');
      return [];
    }
    const { send: write, close } = openOtlpLogs(endpoint, 'portcullis.access', environment.origin);
    return [openOutlet({ ...shared, sink: { write, close }, encode: encoder.facts, batchRecords: 512 })];
  });
  return {
    take: (entry) => {
      const routine = causeOf(entry) === undefined;
      if (routine && !sampled(entry.traceId ?? entry.request.id, sample)) return;
      for (const outlet of outlets) outlet.offer(entry, routine);
    },
    counts: () => outlets.map((outlet) => outlet.counts()),
    finish: async (boundMs) => {
      await Promise.all(outlets.map((outlet) => outlet.finish(boundMs)));
    },
  };
}

function lineSink(spec: Exclude<SinkSpec, { kind: 'otlp' }>, { stdout }: WriterEnvironment): RecordSink<Line> {
  if (spec.kind === 'file') return openFile(spec.target, systemClock);
  return { write: (batch) => stdout(linesOf(batch)), close: async () => {} };
}
