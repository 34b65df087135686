import { type Ban, type BanTarget, operator } from '../../src/core/ban.ts';
import { type OpenBans, openBans } from '../../src/detect/bans/index.ts';
import { createMemoryState } from '../../src/store/index.ts';
import { openTime } from './authn.ts';

const startMs = Date.UTC(2026, 0, 15);
let made = 0;

/** A ban of an address, else of whom it says, for an hour from 15 January 2026 on. */
export const aBan = (target: string | BanTarget, part: Partial<Omit<Ban, 'target'>> = {}): Ban => ({
  id: `ban-${++made}`,
  target: typeof target === 'string' ? { kind: 'address', prefix: target } : target,
  tighten: undefined,
  by: operator,
  why: 'a test',
  sinceMs: startMs,
  untilMs: startMs + 3_600_000,
  ...part,
});

/** A principal as a target. */
export const principal = (key: string): BanTarget => ({ kind: 'principal', key });

/** A ban as a file of cases writes it. */
export interface BanSketch {
  readonly address?: string;
  readonly principal?: string;
  readonly tighten?: number;
  readonly by?: string;
}

/** The ban of a sketch, for an hour. */
export const sketchedBan = ({ address, principal: key = '', ...part }: BanSketch, id: string, nowMs: number): Ban =>
  aBan(address ?? principal(key), { id, sinceMs: nowMs, untilMs: nowMs + 3_600_000, ...part });

/** These bans, in memory, at a time that stands still on 15 January 2026. */
export async function openBansOf(...bans: readonly Ban[]): Promise<OpenBans> {
  const { clock, timers } = openTime(startMs);
  const open = openBans(createMemoryState(clock), clock, { timers });
  for (const ban of bans) await open.ban(ban);
  return open;
}
