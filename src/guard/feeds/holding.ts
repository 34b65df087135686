import type { Address } from '../../core/address.ts';
import { type AddressTable, openAddressTable } from '../../core/address-table.ts';
import type { Clock } from '../../core/clock.ts';
import type { FeedListener, FeedStatus } from '../../core/feed.ts';
import type { Log, Signals } from '../../core/ports.ts';
import { type FeedSpec, shownSource } from './feed.ts';
import type { Look } from './sources/source.ts';
import { emptyTable, findIn } from './table.ts';
import { tellChanges } from './telling.ts';

type Taken = Extract<Look, { readonly kind: 'taken' }>;

/** What is in force, and since when. */
export interface InForce extends Omit<Taken['reading'], 'ok' | 'packed' | 'version'> {
  readonly version: string;
  readonly table: AddressTable;
  readonly takenMs: number;
  readonly confirmedMs: number;
}

/** What a holding tells its doings to. */
interface HoldingDeps {
  readonly clock: Clock;
  readonly signals: Pick<Signals, 'feedRefreshed' | 'feedInForce'>;
  readonly log: Log;
  readonly listener: FeedListener;
}

/** The list of a feed that is in force, and what its looks came to. */
interface Holding {
  inForce(): InForce | undefined;
  find(address: Address): string | undefined;
  /** How many entries a list must have to be believed now. */
  floor(): number;
  /** Puts a list in force that was kept. */
  take(taken: Taken): void;
  /** Leaves in force what is left of the list: nobody has confirmed it, so that it is as old as before. */
  keepLeft(left: Taken): void;
  /** Takes what a look came to; milliseconds until the next one. */
  conclude(look: Look): number;
  status(): FeedStatus;
}

const firstRetryMs = 10_000;
const longestRetryMs = 3_600_000;
/** Of so many entries, half may not be gone at once. */
const largeFrom = 50;
/** So many lists in a row that are much smaller are believed. */
const believedAfter = 3;

/** Holds the list of a feed, which begins with what was in force before. */
export function holdList(
  spec: FeedSpec,
  { clock, signals, log, listener }: HoldingDeps,
  before: InForce | undefined,
): Holding {
  const { name, list, format, refreshMs } = spec;
  const tell = tellChanges(spec, log, listener);
  let inForce = before;
  let problem: string | undefined;
  let failures = 0;
  let doubts = 0;

  const tableOf = (packed: Taken['reading']['packed']): AddressTable =>
    packed === undefined ? (inForce?.table ?? emptyTable) : openAddressTable(packed);
  const versionOf = (version: string | undefined): string => version ?? inForce?.version ?? '';
  const take = ({ reading: { packed, version, ...rest }, takenMs }: Taken): void => {
    inForce = { ...rest, version: versionOf(version), table: tableOf(packed), takenMs, confirmedMs: takenMs };
    signals.feedInForce(name, rest.entries, takenMs);
  };
  const keepLeft = ({ reading: { packed, version, entries, expiresMs } }: Taken): void => {
    if (inForce === undefined) return;
    inForce = { ...inForce, version: versionOf(version), table: tableOf(packed), entries, expiresMs };
    signals.feedInForce(name, entries, inForce.confirmedMs);
  };
  const confirm = (): void => {
    if (inForce === undefined) return;
    inForce = { ...inForce, confirmedMs: clock.nowMs() };
    signals.feedInForce(name, inForce.entries, inForce.confirmedMs);
  };
  return {
    inForce: () => inForce,
    find: (address) => findIn(inForce?.table ?? emptyTable, address),
    floor: () => {
      const entries = inForce?.entries ?? 0;
      return entries >= largeFrom && doubts < believedAfter - 1 ? Math.ceil(entries / 2) : 0;
    },
    take: (taken) => {
      const earlier = inForce;
      take(taken);
      tell({ kind: 'kept', problem, before: earlier, after: inForce });
    },
    keepLeft,
    conclude: (look) => {
      signals.feedRefreshed(name, look.kind);
      log.debug?.({ feed: name, outcome: look.kind, entries: inForce?.entries }, 'an address feed was looked at');
      const earlier = inForce;
      if (look.kind === 'failed' || look.kind === 'refused') {
        failures += 1;
        if (look.doubtful) doubts += 1;
        problem = look.problem;
        tell({ kind: look.kind, problem, before: earlier, after: inForce });
        const retryMs = Math.min(firstRetryMs * 2 ** Math.min(failures - 1, 12), longestRetryMs, refreshMs);
        return Math.max(retryMs, look.retryAfterMs);
      }
      failures = 0;
      doubts = 0;
      problem = undefined;
      if (look.kind === 'taken') take(look);
      else confirm();
      tell({ kind: look.kind, problem, before: earlier, after: inForce });
      return refreshMs;
    },
    status: () => ({
      name,
      list,
      format,
      source: shownSource(spec.source),
      entries: inForce?.entries ?? 0,
      leftOut: { unreadable: inForce?.unreadable ?? 0, special: inForce?.special ?? 0 },
      takenMs: inForce?.takenMs,
      confirmedMs: inForce?.confirmedMs,
      problem,
    }),
  };
}
