import { isDeepStrictEqual } from 'node:util';
import type { KeySets } from '../authn/index.ts';
import type { CompileDeps, Compiled, Settings } from '../config/compile.ts';
import { type RecordingReader, recordReads } from '../config/files/recording-reader.ts';
import { formatIssue } from '../config/issue.ts';
import { type Ahead, type Opening, openConfig } from '../config/open.ts';
import { errorName } from '../core/bug.ts';
import type { Json } from '../core/json.ts';
import type { Plan } from '../core/plan.ts';
import type { Log } from '../core/ports.ts';
import type { ReadinessReport } from '../server/admin.ts';
import { describeBug } from '../server/answer.ts';
import { placeholderIssues } from './placeholders.ts';

/** What asked for a load of the config. */
export type Trigger = 'start' | 'file' | 'signal';

/** What became of a load of the config. */
export interface LoadReport {
  readonly outcome: 'ok' | 'refused';
  /** The version that is in force from now on. */
  readonly version: string;
  /** The version that was in force before; undefined at the start. */
  readonly previous: string | undefined;
  readonly trigger: Trigger;
  /** A line each; empty when the config was taken. */
  readonly issues: readonly string[];
}

/** What the holder needs. */
interface PlanHolderParts extends Pick<Ahead, 'readAside' | 'checkAside' | 'compileAside'> {
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
  readonly settings: Settings;
  readonly deps: CompileDeps & { readonly keySets: KeySets };
  readonly log: Log;
  /** Told after each load, the first one too. */
  readonly onLoad: (report: LoadReport) => void;
}

/** Holds the plan in force and swaps it as a whole. */
export interface PlanHolder {
  readonly plan: () => Plan;
  /** The config in force, secrets masked. */
  readonly config: () => Json;
  readonly lastLoad: () => ReadinessReport['reload'];
  /** What to watch for changes. */
  readonly files: () => readonly string[];
  /** What the config in force sets up; some of it waits for the next start. */
  readonly settings: () => Settings;
  /**
   * Reads the config again; with any issue everything stays as it is. What is asked for meanwhile comes after it, as one
   * load, however often. Resolves when all of it is done.
   */
  reload(trigger: Trigger): Promise<void>;
  /** Gives up on a load that is under way; the plan stays. */
  close(): void;
}

/** Takes the first plan of an opening without issues; undefined when there are some after all. */
export async function holdPlan(first: Opening, parts: PlanHolderParts): Promise<PlanHolder | undefined> {
  const { settings, deps, log, readAside, checkAside, compileAside, onLoad } = parts;
  const ending = new AbortController();
  const ahead: Ahead = { keyFiles: deps.keyFiles, readAside, checkAside, compileAside, signal: ending.signal };
  await first.readAhead(ahead);
  const initial = first.compile(deps);
  if (initial === undefined) return undefined;
  let current: Compiled = initial;
  let opening = first;
  let files = first.files();
  let last: ReadinessReport['reload'];

  const tell = (report: Omit<LoadReport, 'version'>): void => {
    const { version } = current.plan;
    last = { outcome: report.outcome, version, atMs: deps.clock.nowMs(), issues: report.issues };
    onLoad({ ...report, version });
  };
  tell({ outcome: 'ok', previous: undefined, trigger: 'start', issues: [] });

  // A refused config may have named key sets and feeds of its own: only those of the plan in force are kept.
  const retain = (): void => {
    deps.keySets.retain(current.keySets);
    deps.feeds.retain(current.feeds);
  };
  const load = async (trigger: Trigger): Promise<void> => {
    const reading = await readSteadily(parts, ahead);
    if (ending.signal.aborted) return;
    if (reading === undefined) return retain();
    const { next, compiled, issues } = reading;
    files = next?.files() ?? files;
    const previous = current.plan.version;
    // A touched file is no new config; a repaired one is, though it may be the one in force.
    if (compiled?.plan.version === previous && last?.outcome === 'ok') {
      retain();
      return;
    }
    if (next !== undefined && compiled !== undefined) {
      warnOfRestart(settings, next.settings, log);
      opening = next;
      current = compiled;
    }
    retain();
    const outcome = compiled === undefined ? 'refused' : 'ok';
    tell({ outcome, previous, trigger, issues });
  };

  return {
    plan: () => current.plan,
    config: () => opening.masked(),
    lastLoad: () => last,
    files: () => files,
    settings: () => opening.settings ?? settings,
    reload: oneAtATime(load),
    close: () => ending.abort(),
  };
}

/** Runs a load at a time. Of those that are asked for while one is under way the last is run after it, for all of them. */
function oneAtATime(load: (trigger: Trigger) => Promise<void>): PlanHolder['reload'] {
  let asked: Trigger | undefined;
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    try {
      for (let trigger = asked; trigger !== undefined; trigger = asked) {
        asked = undefined;
        await load(trigger);
      }
    } finally {
      running = undefined;
    }
  };
  return (trigger) => {
    asked = trigger;
    running ??= run();
    return running;
  };
}

const attempts = 5;

/** What a reading of the config came to. */
interface Reading {
  /** Undefined when a bug of ours ended it. */
  readonly next: Opening | undefined;
  readonly compiled: Compiled | undefined;
  readonly issues: readonly string[];
}

// A bug refuses the new config, and must not take the old one along.
async function readOnce(
  { file, env, deps, log }: PlanHolderParts,
  ahead: Ahead,
  reader: RecordingReader,
): Promise<Reading> {
  try {
    const next = openConfig(file, env, reader);
    await next.readAhead(ahead);
    const compiled = next.compile(deps);
    const issues = [...next.issues(), ...placeholderIssues(next.files())].map(formatIssue);
    return { next, compiled: issues.length === 0 ? compiled : undefined, issues };
  } catch (error) {
    if (ahead.signal.aborted) return { next: undefined, compiled: undefined, issues: [] };
    log.error(describeBug(error), 'the config could not be compiled');
    const issue = `${file}: cannot be compiled because of a bug of ours (${errorName(error)}); the log says where`;
    return { next: undefined, compiled: undefined, issues: [issue] };
  }
}

/** Reads and compiles until nothing changes meanwhile; undefined when it never does, for then there is more to be told of. */
async function readSteadily(parts: PlanHolderParts, ahead: Ahead): Promise<Reading | undefined> {
  const { file, log } = parts;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const reader = recordReads();
    const reading = await readOnce(parts, ahead, reader);
    if (ahead.signal.aborted) return undefined;
    if (await reader.unchanged()) return reading;
  }
  log.warn({ file }, 'the config changes while it is being read; it is left for the next look');
  return undefined;
}

/** What takes effect only when we start, of all that a config sets up. */
const onlyAtStart = ({ listen, redis, accessLog, bans, inspection, telemetry }: Settings) => ({
  listen,
  redis,
  access_log: accessLog,
  bans: bans.webhooks,
  inspection,
  telemetry: { ...telemetry, logLevels: undefined, traces: undefined, sampleRoot: undefined },
});

function warnOfRestart(started: Settings, asked: Settings | undefined, log: Log): void {
  if (asked === undefined) return;
  const before: Readonly<Record<string, unknown>> = onlyAtStart(started);
  const changed = Object.entries(onlyAtStart(asked)).flatMap(([key, now]) =>
    isDeepStrictEqual(now, before[key]) ? [] : [key],
  );
  if (changed.length > 0) log.warn({ changed }, 'these settings take effect at the next start');
}
