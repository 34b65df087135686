import type { Clock } from '../core/clock.ts';
import type { Principal } from '../core/principal.ts';
import type { Revocation, Revocations } from '../core/revocation.ts';
import type { StateStore } from '../core/state.ts';

/** Opens what has been revoked, on this replica and on all others that share the state. */
export function openRevocations(state: StateStore, clock: Clock): Revocations & { close(): void } {
  const log = state.log('revocations');
  const revoked = new Map<string, Revocation>();
  const follower = log.follow((entry) => {
    // Our own encoding, written by revoke below.
    const revocation: Revocation = JSON.parse(entry);
    revoked.set(nameOf(revocation.kind, revocation.source, revocation.value), revocation);
  });
  const find = (kind: Revocation['kind'], source: string, value: string | undefined, issuedMs: number | undefined) => {
    const revocation = value === undefined ? undefined : revoked.get(nameOf(kind, source, value));
    if (revocation === undefined || revocation.untilMs <= clock.nowMs()) return undefined;
    const { beforeMs } = revocation;
    return beforeMs === undefined || issuedMs === undefined || issuedMs < beforeMs ? revocation : undefined;
  };
  return {
    ready: () => follower.ready(),
    find: ({ source, id, credentialId, sessionId, issuedMs }: Principal) =>
      revoked.size === 0
        ? undefined
        : (find('credential', source, credentialId, issuedMs) ??
          find('session', source, sessionId, issuedMs) ??
          find('principal', source, id, issuedMs)),
    revoke: (revocation) => log.append(JSON.stringify(revocation), Math.max(0, revocation.untilMs - clock.nowMs())),
    close: () => follower.close(),
  };
}

const nameOf = (kind: Revocation['kind'], source: string, value: string): string => `${kind} ${source}/${value}`;
