import type { Audit } from '../audit/index.ts';
import type { OpenRevocations } from '../authn/index.ts';
import type { Bans } from '../core/ban.ts';
import { systemClock } from '../core/clock.ts';
import type { StateStore } from '../core/state.ts';
import type { OpenFeeds } from '../guard/index.ts';
import { openAdminApi } from '../server/admin/api.ts';
import { banRoutes } from '../server/admin/bans.ts';
import { feedRoutes } from '../server/admin/feeds.ts';
import { logLevelRoutes } from '../server/admin/log-levels.ts';
import { revocationRoutes } from '../server/admin/revocations.ts';
import type { AdminDeps } from '../server/admin.ts';
import type { OpenReadiness } from '../server/readiness.ts';
import type { Telemetry } from '../telemetry/index.ts';
import type { PlanHolder } from './plan-holder.ts';

/** What the admin pages are about. */
interface AdminParts {
  readonly holder: PlanHolder;
  readonly readiness: OpenReadiness;
  readonly revocations: OpenRevocations;
  readonly deps: { readonly feeds: OpenFeeds; readonly bans: Bans; readonly state: Pick<StateStore, 'shared'> };
  readonly telemetry: Telemetry;
  readonly audit: Audit;
}

/** The admin pages of a sidecar, and its admin API: a plan's settings are asked for each time, so that a reload changes them. */
export function adminPages({ holder, readiness, revocations, deps, telemetry, audit }: AdminParts): AdminDeps {
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
  };
  return {
    readiness: () => ({ missing: readiness.missing(), reload: holder.lastLoad() }),
    metrics: telemetry.metricsText,
    config: holder.config,
    api: openAdminApi({ routes, token: () => holder.settings().admin.token, audit, log }),
    log,
  };
}
