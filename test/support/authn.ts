import { type AuthnDeps, createKeyFiles, createLasting, type KeySets } from '../../src/authn/index.ts';
import { silentAccounts } from '../../src/core/account.ts';
import type { Clock } from '../../src/core/clock.ts';
import { silentLog, silentSignals } from '../../src/core/ports.ts';
import type { Revocations } from '../../src/core/revocation.ts';
import type { Timers } from '../../src/core/timers.ts';
import { createOutbounds } from '../../src/outbound/registry.ts';
import { createMemoryState } from '../../src/store/index.ts';

/** A clock that stands still until it is moved, and the timers that go by it. */
export interface TestTime {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Moves both readings of the clock and runs the timers that come due. */
  advance(ms: number): void;
  /** How many timers wait. */
  pending(): number;
}

/** Time that begins on 15 January 2026. */
export function openTime(startMs = Date.UTC(2026, 0, 15)): TestTime {
  let elapsed = 0;
  let waiting: { readonly dueMs: number; readonly run: () => void }[] = [];
  return {
    clock: { nowMs: () => startMs + elapsed, monotonicMs: () => elapsed },
    timers: {
      after: (delayMs, run) => {
        const entry = { dueMs: elapsed + delayMs, run };
        waiting.push(entry);
        return () => {
          waiting = waiting.filter((other) => other !== entry);
        };
      },
    },
    advance: (ms) => {
      elapsed += ms;
      const due = waiting.filter(({ dueMs }) => dueMs <= elapsed);
      waiting = waiting.filter(({ dueMs }) => dueMs > elapsed);
      for (const { run } of due) run();
    },
    pending: () => waiting.length,
  };
}

const noKeySets: KeySets = {
  resolve: () => ({ find: () => ({ kind: 'unavailable' }), ready: () => false }),
  start: () => {},
  retain: () => {},
  close: () => {},
};

/** Deps for authenticators; without key sets every remote set is away. */
export const authnDeps = (time: TestTime, keySets: KeySets = noKeySets): AuthnDeps => ({
  clock: time.clock,
  keySets,
  outbounds: createOutbounds(),
  lasting: createLasting(),
  keyFiles: createKeyFiles(),
  signals: silentSignals,
  log: silentLog,
  accounts: silentAccounts,
  state: createMemoryState(time.clock),
  revocations: noRevocations,
  certificates: () => ({ kind: 'absent' }),
});

/** Nothing has been revoked. */
export const noRevocations: Revocations = Object.freeze({
  ready: () => true,
  find: () => undefined,
  revoke: async () => {},
});

/** A signal that nobody aborts. */
export const never: AbortSignal = new AbortController().signal;
