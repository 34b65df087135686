import { randomUUID } from 'node:crypto';
import { type Audit, createAudit } from '../audit/index.ts';
import {
  createKeySets,
  createLasting,
  type KeyFiles,
  type KeySets,
  type OpenRevocations,
  openRevocations,
} from '../authn/index.ts';
import type { CompileDeps, Settings } from '../config/compile.ts';
import type { BanListener } from '../core/ban.ts';
import { systemClock } from '../core/clock.ts';
import type { Signals } from '../core/ports.ts';
import { type OpenBans, openBans } from '../detect/bans/index.ts';
import { openWebhooks } from '../detect/bans/out/index.ts';
import { createFeeds, type OpenFeeds } from '../guard/index.ts';
import { openPool } from '../inspect/index.ts';
import { type Live, openLive } from '../live/index.ts';
import { createOutbounds } from '../outbound/registry.ts';
import { createTelemetry, type Telemetry } from '../telemetry/index.ts';
import { type Detecting, openDetecting } from './detecting.ts';
import { openStores } from './stores.ts';
import { version } from './version.ts';

/** What is opened once, at the start, and outlives every plan. */
interface LongLived {
  readonly telemetry: Telemetry;
  readonly audit: Audit;
  readonly deps: CompileDeps & { readonly keySets: KeySets; readonly feeds: OpenFeeds; readonly bans: OpenBans };
  readonly revocations: OpenRevocations;
  readonly detecting: Detecting;
  readonly live: Live;
  /** Resolves when what was revoked and banned before our start is known. */
  readonly caughtUp: Promise<void>;
  /** Ends all of it, audit first. Bounded in time. */
  close(): Promise<void>;
}

const flushMs = 3000;

/** Opens telemetry, audit, the counters and the registry of key sets; told hears each time something answered that we may have waited for: a key set, a provider, the revocations, a feed. */
export function openLongLived(settings: Settings, keyFiles: KeyFiles, told: () => void): LongLived {
  const instanceId = randomUUID();
  const telemetry = createTelemetry({ ...settings.telemetry, clock: systemClock, version, instanceId });
  const { logs, signals } = telemetry;
  const { otlpEndpoint, serviceName } = settings.telemetry;
  const origin = { otlpEndpoint, serviceName, version, instanceId };
  const audit = createAudit({ ...settings.audit, ...origin, clock: systemClock, log: logs.audit, signals });
  const { store, local, state, close: closeStores } = openStores(settings.redis, signals, logs.store);
  const revoked = Promise.withResolvers<void>();
  void revoked.promise.then(told);
  const revocations = openRevocations(state, systemClock, { log: logs.identity, signals, caughtUp: revoked.resolve });
  const banned = Promise.withResolvers<void>();
  const outbounds = createOutbounds();
  const outward = { clock: systemClock, signals, outbounds };
  const webhooks = openWebhooks(settings.bans.webhooks, { ...outward, log: logs.detection });
  const listener = bothHear(audit, webhooks);
  const hearing = { log: logs.detection, signals, listener, caughtUp: banned.resolve };
  const bans = openBans(state, systemClock, hearing);
  const live = openLive(systemClock);
  const detecting = openDetecting({ clock: systemClock, log: logs.detection, signals, bans, listeners: [audit, live] });
  const heard = heardBy(signals, { told, detecting, live });
  const inspection = openPool(settings.inspection, signals);
  const keySets = createKeySets({ clock: systemClock, signals: heard, log: logs.identity, outbounds });
  const feeds = createFeeds({ ...outward, log: logs.feeds, listener: audit, settled: told });
  return {
    telemetry,
    audit,
    deps: {
      clock: systemClock,
      signals: heard,
      log: logs.identity,
      accounts: audit,
      keySets,
      outbounds,
      lasting: createLasting(),
      keyFiles,
      store,
      local,
      inspection,
      feeds,
      state,
      revocations,
      bans,
    },
    revocations,
    detecting,
    live,
    caughtUp: Promise.all([revoked.promise, banned.promise]).then(() => {}),
    close: async () => {
      detecting.close();
      revocations.close();
      bans.close();
      webhooks.close();
      await inspection.close();
      keySets.close();
      await feeds.close();
      await outbounds.close();
      await audit.close(flushMs);
      await Promise.all([telemetry.shutdown(flushMs), closeStores()]);
    },
  };
}

interface Hearers {
  readonly told: () => void;
  readonly detecting: Detecting;
  readonly live: Live;
}

const bothHear = (...listeners: readonly BanListener[]): BanListener => ({
  banned: (change) => {
    for (const one of listeners) one.banned(change);
  },
});

/** Signals that also tell those who watch what goes through, and whoever waits for an answer. */
const heardBy = (signals: Signals, { told, detecting, live }: Hearers): Signals => ({
  ...signals,
  decided: (trail) => {
    signals.decided(trail);
    detecting.decided(trail);
    live.decided(trail);
  },
  limitChecked: (limit, outcome, shadow) => {
    signals.limitChecked(limit, outcome, shadow);
    live.limitChecked(limit, outcome, shadow);
  },
  keySetFetched: (...answer) => {
    signals.keySetFetched(...answer);
    // The set takes its keys after it has told of them.
    queueMicrotask(told);
  },
  providerCalled: (...call) => {
    signals.providerCalled(...call);
    queueMicrotask(told);
  },
});
