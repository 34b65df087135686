import { setImmediate } from 'node:timers/promises';
import type { Audit } from '../audit/index.ts';
import type { KeyFiles, OpenRevocations } from '../authn/index.ts';
import type { Settings } from '../config/compile.ts';
import { checkOnThread } from '../config/contracts/aside.ts';
import { type Watcher, watchFiles } from '../config/files/watch.ts';
import { readOnThread } from '../config/keys/aside.ts';
import { openConfig } from '../config/open.ts';
import { compileOnThread } from '../config/rule-sets/aside.ts';
import { settleWithin } from '../core/patience.ts';
import type { Plan } from '../core/plan.ts';
import type { OpenFeeds } from '../guard/index.ts';
import type { Live } from '../live/index.ts';
import { type OpenReadiness, openReadiness } from '../server/readiness.ts';
import type { Telemetry } from '../telemetry/index.ts';
import { newDecisionId, serviceTable } from './handlers.ts';
import { openListeners } from './listeners.ts';
import { openLongLived } from './long-lived.ts';
import { adminPages } from './pages.ts';
import { holdPlan, type LoadReport, type Trigger } from './plan-holder.ts';
import { surviveRejections } from './rejections.ts';

/** What a sidecar is started with: a config that has been read without issues. */
interface SidecarParts {
  readonly file: string;
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  /** The keys of files that have been read for it. */
  readonly keyFiles: KeyFiles;
}

/** A sidecar that answers. */
interface Sidecar {
  /** Reads the config again. */
  readonly reload: () => void;
  /** Ends in order: no new calls, answers under way, audit, traces, metrics. Bounded in time. */
  readonly stop: () => Promise<void>;
}

/** How long a decision may take where Envoy sets no shorter deadline. */
const budgetMs = 2000;
const drainMs = 5000;
/** How long the start waits for what has been revoked, so that the first calls need not be refused. */
const catchUpMs = 500;
/** How long the start waits for the threads that look at large payloads, so that the first of them need not. */
const warmUpMs = 10_000;

/** What would hold up the event loop is read and compiled elsewhere. */
const onThreads = { readAside: readOnThread(), checkAside: checkOnThread(), compileAside: compileOnThread() };

/** Puts everything together and listens. Rejects with a ListenError when an address cannot be had, with a SpoolError when the spool cannot. */
export async function startSidecar({ file, settings, env, keyFiles }: SidecarParts): Promise<Sidecar> {
  // A key set that answers may be what we were waiting for.
  let lookAgain = (): void => {};
  const longLived = openLongLived(settings, keyFiles, () => lookAgain());
  const { telemetry, audit, deps, revocations, detecting, live, caughtUp, close } = longLived;
  const { log, logs, tracing } = telemetry;
  const endWatch = surviveRejections(log);
  const onLoad = (report: LoadReport): void => tellLoad(report, telemetry, audit, live);
  const parts = { file, env, settings, deps, ...onThreads, log: logs.config, onLoad };
  const holder = await holdPlan(openConfig(file, env), parts);
  if (holder === undefined) {
    await close();
    throw new Error('the config changed for the worse while it was being read');
  }
  deps.keySets.start();
  deps.feeds.start();

  const readiness = latchedReadiness(() => missingParts(holder.plan(), revocations, deps.feeds), telemetry);
  lookAgain = readiness.refresh;
  let watcher: Watcher | undefined;
  let stopping = false;
  const reload = async (trigger: Trigger): Promise<void> => {
    await holder.reload(trigger);
    if (stopping) return;
    adopt(holder.settings(), telemetry, audit);
    detecting.adjust(holder.settings().detection, holder.plan().credentials);
    void watcher?.update(holder.files());
  };
  const { onPending, settled } = openPending();
  const checkDeps = { ...deps, log, plan: holder.plan, newId: newDecisionId, audit, tracing, budgetMs, onPending };
  await settleWithin(caughtUp, catchUpMs);
  await settleWithin(deps.inspection.warm(), warmUpMs);
  const listeners = await openListeners(settings, {
    table: serviceTable(checkDeps, readiness),
    admin: adminPages({ holder, readiness, revocations, deps, telemetry, audit, live }),
    accessLog: { ...telemetry, log: logs.access_log, detecting },
    public: { endpoints: () => holder.plan().endpoints, signals: telemetry.signals, log },
  }).catch(async (error: unknown) => {
    // What is open already would keep the process alive.
    await close();
    throw error;
  });
  watcher = await watchFiles(holder.files(), () => void reload('file'));
  // The file may have changed between the first look at it and the watch.
  await reload('file');
  audit.lifecycle({ activity: 'start', version: holder.plan().version });
  log.info(listeners.addresses, 'listening');

  const stop = async (): Promise<void> => {
    stopping = true;
    readiness.drain();
    watcher?.close();
    holder.close();
    // Whoever watches our health hears of it before the streams end.
    await setImmediate();
    const whole = await listeners.drain(drainMs);
    log.info({ whole }, 'drained');
    // Answered calls whose shadow rules are still at work have no audit event yet.
    await settleWithin(settled(), budgetMs);
    audit.lifecycle({ activity: 'stop', version: holder.plan().version });
    await close();
    await listeners.close();
    endWatch();
  };
  return { reload: () => void reload('signal'), stop };
}

/** Takes what a reload may change of what outlives plans. */
function adopt(settings: Settings, telemetry: Telemetry, audit: Audit): void {
  audit.adjust(settings.audit);
  telemetry.adjust(settings.telemetry);
}

/** Records of calls that are answered and not yet told of. */
function openPending(): { onPending(record: Promise<void>): void; settled(): Promise<unknown> } {
  const pending = new Set<Promise<void>>();
  return {
    onPending: (record) => {
      pending.add(record);
      void record.then(() => pending.delete(record));
    },
    settled: () => Promise.all(pending),
  };
}

/** What calls cannot be decided without. */
function missingParts({ ready, revocable }: Plan, revocations: OpenRevocations, feeds: OpenFeeds): readonly string[] {
  return [
    ...ready().map((identity) => `the keys of identity ${identity}`),
    ...(!revocable || revocations.ready() ? [] : ['what has been revoked']),
    // Only a first look is waited for, good or bad: a list that is away must not take us away.
    ...feeds.waiting().map((name) => `the address feed ${name}`),
  ];
}

/** Ready once nothing is missing, and from then on: neither a reload nor an outage must take all replicas away. */
function latchedReadiness(missing: () => readonly string[], { signals }: Telemetry): OpenReadiness {
  let wasReady = false;
  const readiness = openReadiness(() => {
    const lacking = wasReady ? [] : missing();
    wasReady = lacking.length === 0;
    return lacking;
  });
  const tell = (): void => signals.readyChanged(readiness.ready());
  readiness.subscribe(tell);
  tell();
  return readiness;
}

function tellLoad(report: LoadReport, telemetry: Telemetry, audit: Audit, live: Live): void {
  const { outcome, version: plan, previous, trigger, issues } = report;
  live.loaded(report);
  telemetry.signals.planLoaded(outcome, plan);
  if (trigger === 'start') return;
  audit.reload({ outcome, version: plan, previous, trigger, issues: issues.length });
  if (outcome === 'refused') telemetry.logs.config.error({ issues }, 'the new config has issues; the old one stays');
  else telemetry.logs.config.info({ plan, previous }, 'a new config is in force');
}
