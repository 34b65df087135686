import type { Clock } from '../../core/clock.ts';
import { type Log, type Signals, silentLog, silentSignals } from '../../core/ports.ts';
import type { Principal } from '../../core/principal.ts';
import type { Revocation, Revocations } from '../../core/revocation.ts';
import type { StateStore } from '../../core/state.ts';
import { decodeRevocation, encodeRevocation } from './entry.ts';
import { createRegister } from './register.ts';

/** What has been revoked, and what operators see of it. */
export interface OpenRevocations extends Revocations {
  /** All that are not over. */
  list(): IterableIterator<Revocation>;
  close(): void;
}

/** Who hears of revocations; nobody by default. */
interface RevocationListeners {
  readonly log?: Log;
  readonly signals?: Signals;
  /** Called once, when what was revoked before our start is known. */
  readonly caughtUp?: () => void;
}

// Two for each look: what is over goes away by and by, and no call waits for many.
const sweep = 2;

/**
 * Opens what has been revoked, on this replica and on all others that share the state. What is known stays known while the
 * store is away. What is heard twice counts once, in whatever order it is heard.
 */
export function openRevocations(
  state: StateStore,
  clock: Clock,
  { log = silentLog, signals = silentSignals, caughtUp }: RevocationListeners = {},
): OpenRevocations {
  const shared = state.log('revocations');
  const register = createRegister();
  let told = -1;
  const tidy = (nowMs: number): void => {
    register.sweep(sweep, nowMs);
    if (register.size === told) return;
    told = register.size;
    signals.revocationsKnown(told);
  };
  const add = (revocation: Revocation): void => {
    const nowMs = clock.nowMs();
    register.add(revocation, nowMs);
    tidy(nowMs);
  };
  tidy(clock.nowMs());
  const follower = shared.follow((entry) => {
    const revocation = decodeRevocation(entry);
    if (revocation === undefined) log.error({ length: entry.length }, 'an entry of the revocations cannot be read');
    else add(revocation);
  }, caughtUp);
  return {
    ready: () => follower.ready(),
    find: ({ source, id, credentialId, sessionId, issuedMs }: Principal) => {
      if (register.size === 0) return undefined;
      const nowMs = clock.nowMs();
      tidy(nowMs);
      return (
        register.find('credential', source, credentialId, issuedMs, nowMs) ??
        register.find('session', source, sessionId, issuedMs, nowMs) ??
        register.find('principal', source, id, issuedMs, nowMs)
      );
    },
    revoke: async (revocation) => {
      const keepMs = (revocation.untilMs ?? Number.POSITIVE_INFINITY) - clock.nowMs();
      await shared.append(encodeRevocation(revocation), keepMs);
      // The log tells us too, a moment later.
      add(revocation);
    },
    list: () => register.list(clock.nowMs()),
    close: () => follower.close(),
  };
}
