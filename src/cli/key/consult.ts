import { type KeyWords, openRevocations } from '../../authn/index.ts';
import type { Settings } from '../../config/compile.ts';
import { systemClock } from '../../core/clock.ts';
import { parseDateTimeMs } from '../../core/date-time.ts';
import { isObject } from '../../core/json.ts';
import { settleWithin } from '../../core/patience.ts';
import { silentLog, silentSignals } from '../../core/ports.ts';
import { noMemberships, type Principal, principalKey } from '../../core/principal.ts';
import type { Revocation, Revocations } from '../../core/revocation.ts';
import { createMemoryState } from '../../store/index.ts';
import { AdminUnreachable, getAdmin, parseAdminTarget } from '../admin-client.ts';
import { openState } from '../stores.ts';

/** What those say who know of revocations: keys are taken back by `portcullis revoke` too, which changes no entry. */
export interface Consulted {
  isRevoked(entry: KeyWords): boolean;
  /** Why some revocations, or all, are not known; undefined: all are. */
  readonly gap: string | undefined;
}

const patienceMs = 5000;

/** Nobody was asked. */
export const notConsulted = (gap: string): Consulted => ({ isRevoked: () => false, gap });

/** Asks the Redis of a config which keys of an identity have been taken back, else the admin API of its sidecar. Never rejects. */
export async function consultRevocations(settings: Settings, identity: string): Promise<Consulted> {
  if (settings.redis.url !== undefined) return askRedis(settings, identity);
  const target = parseAdminTarget(settings.listen.admin ?? '');
  const { token } = settings.admin;
  if (target === undefined || token === undefined) {
    return notConsulted('the config names neither redis.url nor listen.admin.token_file');
  }
  try {
    const path = `/revocations?identity=${encodeURIComponent(identity)}`;
    const { status, body } = await getAdmin(target, path, token);
    const { revocations, total } = body;
    if (status !== 200 || !Array.isArray(revocations)) return notConsulted(`the admin API refused to tell (${status})`);
    const known = openRevocations(createMemoryState(systemClock), systemClock);
    for (const one of revocations) {
      const revocation = readRevocation(one);
      if (revocation !== undefined) await known.revoke(revocation);
    }
    const missing = Number(total) - revocations.length;
    return { isRevoked: finderOf(known, identity), gap: missing > 0 ? `the admin API left out ${missing}` : undefined };
  } catch (error) {
    if (error instanceof AdminUnreachable) return notConsulted(error.message);
    throw error;
  }
}

async function askRedis({ redis }: Settings, identity: string): Promise<Consulted> {
  const state = openState(redis, silentSignals, silentLog);
  const { promise, resolve } = Promise.withResolvers<void>();
  const known = openRevocations(state, systemClock, { caughtUp: resolve });
  try {
    await settleWithin(promise, patienceMs);
    if (!known.ready()) return notConsulted('Redis does not answer');
    return { isRevoked: finderOf(known, identity), gap: undefined };
  } finally {
    known.close();
    await state.close();
  }
}

/** Looks as a sidecar does: a key is taken back by its id, and with its owner. */
const finderOf =
  (known: Pick<Revocations, 'find'>, source: string): Consulted['isRevoked'] =>
  ({ id, owner, created }) => {
    const principal: Principal = {
      source,
      id: owner,
      key: principalKey(source, owner),
      kind: 'api_key',
      roles: new Set(),
      memberships: noMemberships,
      scopes: new Set(),
      issuer: undefined,
      credentialId: id,
      sessionId: undefined,
      issuedMs: created === undefined ? undefined : parseDateTimeMs(created),
      expiresMs: undefined,
      boundBy: undefined,
      claims: {},
    };
    return known.find(principal) !== undefined;
  };

/** A revocation as the admin API tells it; undefined where it means no key. */
function readRevocation(told: unknown): Revocation | undefined {
  if (!isObject(told)) return undefined;
  const { kind, identity: source, value, before, until } = told;
  const timeMs = (time: unknown): number | undefined => (typeof time === 'string' ? parseDateTimeMs(time) : undefined);
  if ((kind !== 'credential' && kind !== 'principal') || typeof source !== 'string' || typeof value !== 'string') {
    return undefined;
  }
  return { kind, source, value, beforeMs: timeMs(before), untilMs: timeMs(until) };
}
