import type { TestContext } from 'node:test';
import type { AdminAct } from '../../src/core/administration.ts';
import type { Bans } from '../../src/core/ban.ts';
import { silentLog } from '../../src/core/ports.ts';
import { openAdminApi } from '../../src/server/admin/api.ts';
import { banRoutes } from '../../src/server/admin/bans.ts';
import { listenAdmin } from '../../src/server/admin.ts';
import { openTime, type TestTime } from './authn.ts';
import { openBansOf } from './bans.ts';

/** The token of such an API. */
export const adminToken = 'correct-horse-battery-staple-0123456789';

/** The admin API over bans in memory, with the identities `users` and `partners`; it ends with the test. */
export async function openBanAdmin(context: TestContext, over: Partial<Bans> = {}, shared = true) {
  const time: TestTime = openTime();
  const bans = { ...(await openBansOf()), ...over };
  const acts: AdminAct[] = [];
  const identities = new Map([
    ['users', 'jwt'],
    ['partners', 'api_key'],
  ]);
  const routes = banRoutes({ bans, shared, identities: () => identities, clock: time.clock });
  const audit = { administered: (act: AdminAct) => void acts.push(act) };
  const admin = await listenAdmin('127.0.0.1:0', {
    readiness: () => ({ missing: [], reload: undefined }),
    metrics: () => '',
    config: () => ({}),
    api: openAdminApi({ routes, token: () => adminToken, audit, log: silentLog }),
    log: silentLog,
  });
  context.after(() => admin.close());
  return { address: admin.address, bans, acts, time };
}
