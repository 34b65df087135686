import type { Audit } from '../audit/index.ts';
import type { OpenRevocations } from '../authn/index.ts';
import type { Bans } from '../core/ban.ts';
import { systemClock } from '../core/clock.ts';
import type { StateStore } from '../core/state.ts';
import { systemTimers } from '../core/timers.ts';
import type { OpenFeeds } from '../guard/index.ts';
import type { Live } from '../live/index.ts';
import { type AdminApi, openAdminApi } from '../server/admin/api.ts';
import { openBanList } from '../server/admin/ban-list.ts';
import { banRoutes, shownBans } from '../server/admin/bans.ts';
import { feedRoutes, shownFeeds } from '../server/admin/feeds.ts';
import { healthOf } from '../server/admin/health.ts';
import { liveRoutes } from '../server/admin/live.ts';
import { logLevelRoutes } from '../server/admin/log-levels.ts';
import { revocationRoutes } from '../server/admin/revocations.ts';
import type { AdminDeps } from '../server/admin.ts';
import type { OpenReadiness } from '../server/readiness.ts';
import type { Telemetry } from '../telemetry/index.ts';
import type { PlanHolder } from './plan-holder.ts';
import { version } from './version.ts';

/** What the admin pages are about. */
interface AdminParts {
  readonly holder: PlanHolder;
  readonly readiness: OpenReadiness;
  readonly revocations: OpenRevocations;
  readonly deps: { readonly feeds: OpenFeeds; readonly bans: Bans; readonly state: Pick<StateStore, 'shared'> };
  readonly telemetry: Telemetry;
  readonly audit: Audit;
  readonly live: Live;
}

/** The admin pages of a sidecar, and its admin API: a plan's settings are asked for each time, so that a reload changes them. */
export function adminPages(parts: AdminParts): AdminDeps {
  const { holder, readiness, revocations, deps, telemetry, audit, live } = parts;
  const { log } = telemetry;
  const routes = {
    ...logLevelRoutes(telemetry.logs),
    ...feedRoutes(deps.feeds.list, systemClock),
    ...banRoutes({
      bans: deps.bans,
      shared: deps.state.shared,
      identities: () => holder.plan().identities,
      clock: systemClock,
    }),
    ...revocationRoutes({
      revocations,
      shared: deps.state.shared,
      identities: () => holder.plan().identities,
      keepMs: () => holder.settings().admin.keepMs,
      clock: systemClock,
    }),
    ...liveRoutes({
      live,
      state: (sinceMs) => ({ ...live.state(sinceMs), ...surroundings(parts) }),
      traceUrl: () => holder.settings().admin.traceUrl,
      nowMs: systemClock.nowMs,
      timers: systemTimers,
    }),
  };
  const list = openBanList({
    bans: deps.bans,
    tokens: () => [holder.settings().bans.listToken, holder.settings().admin.token].filter((one) => one !== undefined),
    audit,
  });
  return {
    readiness: () => ({ missing: readiness.missing(), reload: holder.lastLoad() }),
    metrics: telemetry.metricsText,
    config: holder.config,
    api: joined(list, openAdminApi({ routes, token: () => holder.settings().admin.token, audit, log })),
    log,
  };
}

/** The first that takes a path answers for it. */
const joined = (first: AdminApi, second: AdminApi): AdminApi => ({
  takes: (path) => first.takes(path) || second.takes(path),
  answer: (request, path, isOurs) => (first.takes(path) ? first : second).answer(request, path, isOurs),
  close: () => {
    first.close();
    second.close();
  },
});

const bansShown = 100;

/** What the dashboard shows besides what has just happened. */
const surroundings = ({ holder, readiness, revocations, deps, telemetry }: AdminParts) => ({
  ready: { missing: readiness.missing() },
  version,
  config_version: holder.plan().version,
  feeds: shownFeeds(deps.feeds.list(), systemClock.nowMs()),
  bans: shownBans(deps.bans.list(), bansShown),
  revocations: [...revocations.list()].length,
  shared: deps.state.shared,
  health: healthOf(telemetry.families()),
});
