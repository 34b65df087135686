import { type BanLookup, noBans } from '../core/ban.ts';
import type { CounterStore, Take } from '../core/limit.ts';
import type { Mode, Subject } from '../core/plan.ts';
import type { CountVolume, Volume } from '../core/processing.ts';
import type { Limit } from './build.ts';

interface VolumeDeps {
  readonly store: CounterStore;
  /** Memory, for limits that say `on_store_failure: local`. */
  readonly local: CounterStore;
  /** How often what a client is given counts; default: once. */
  readonly bans?: Pick<BanLookup, 'weight'>;
}

const amountOf = (limit: Limit, volume: Volume): number =>
  limit.counts === 'response_bytes' ? volume.bytes : volume.records;

function takeOf(limit: Limit, subject: Subject, ruleMode: Mode): Take {
  const space = ruleMode === 'shadow' ? 'rule_shadow' : limit.mode;
  return { key: limit.key(subject, space), algorithm: limit.algorithm, rule: limit.rule, hits: 0 };
}

/** Counts as much as there is room for: what went out went out, and the next request finds nothing left. */
async function add(store: CounterStore, take: Take, amount: number): Promise<void> {
  const [status] = await store.take([take], 'each');
  const hits = Math.min(amount, status?.remaining ?? 0);
  if (hits > 0) await store.take([{ ...take, hits }], 'each');
}

/**
 * Compiles what is counted when a response has passed; undefined when no limit counts by responses. What is given never
 * rejects: a store that is away is the affair of the next request.
 */
export function volumeCounter(
  limits: readonly Limit[],
  { store, local, bans = noBans }: VolumeDeps,
  ruleMode: Mode = 'enforce',
): CountVolume | undefined {
  const counting = [...new Set(limits)].filter(({ counts }) => counts !== 'requests');
  if (counting.length === 0) return undefined;
  return async (subject, volume) => {
    const weight = bans.weight(subject.request.clientAddress, subject.principal?.key);
    const counted = counting.map(async (limit) => {
      const take = takeOf(limit, subject, ruleMode);
      const amount = amountOf(limit, volume) * weight;
      if (amount === 0) return;
      await add(store, take, amount).catch(() =>
        limit.onStoreFailure === 'local' ? add(local, take, amount) : undefined,
      );
    });
    await Promise.allSettled(counted);
  };
}
