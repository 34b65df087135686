import { createExpiryHeap, type Expiring } from '../../core/expiry-heap.ts';
import type { Revocation } from '../../core/revocation.ts';

interface Held extends Expiring {
  readonly revocation: Revocation;
}

/** The revocations of one kind, by source and value. */
type Shelf = Map<string, Map<string, readonly Held[]>>;

/** What has been revoked, in memory: as much as is not over. */
interface Register {
  /** Takes a revocation; one that says no more than what is held already changes nothing. */
  add(revocation: Revocation, nowMs: number): void;
  /** The one that means what was issued then; undefined: nobody knows when, so that all of them mean it. */
  find(
    kind: Revocation['kind'],
    source: string,
    value: string | undefined,
    issuedMs: number | undefined,
    nowMs: number,
  ): Revocation | undefined;
  /** Drops so many of those that are over. */
  sweep(most: number, nowMs: number): void;
  /** All that are not over. */
  list(nowMs: number): IterableIterator<Revocation>;
  readonly size: number;
}

const endOf = ({ untilMs = Number.POSITIVE_INFINITY }: Revocation): number => untilMs;
const reachOf = ({ beforeMs = Number.POSITIVE_INFINITY }: Revocation): number => beforeMs;

/** Whether one says all that the other says. */
const covers = (one: Revocation, other: Revocation): boolean =>
  endOf(one) >= endOf(other) && reachOf(one) >= reachOf(other);

/** A register that holds nothing yet. A find costs two looks into a Map, whatever there is. */
export function createRegister(): Register {
  const shelves = { credential: new Map(), session: new Map(), principal: new Map() } satisfies Record<
    Revocation['kind'],
    Shelf
  >;
  const expiries = createExpiryHeap<Held>();
  let size = 0;

  const shelfOf = (kind: Revocation['kind']): Shelf => shelves[kind];
  const replace = ({ kind, source, value }: Revocation, all: readonly Held[]): void => {
    const shelf = shelfOf(kind);
    const values = shelf.get(source) ?? new Map<string, readonly Held[]>();
    if (all.length === 0) values.delete(value);
    else values.set(value, all);
    if (values.size === 0) shelf.delete(source);
    else shelf.set(source, values);
  };
  const forget = (held: Held): void => {
    expiries.remove(held);
    size -= 1;
  };

  return {
    add: (revocation, nowMs) => {
      if (endOf(revocation) <= nowMs) return;
      const { kind, source, value } = revocation;
      const there = shelfOf(kind).get(source)?.get(value) ?? [];
      if (there.some((held) => covers(held.revocation, revocation))) return;
      const held = { revocation, expiresMs: endOf(revocation), place: 0 };
      const kept = there.filter((other) => !covers(revocation, other.revocation));
      for (const other of there) if (!kept.includes(other)) forget(other);
      expiries.add(held);
      size += 1;
      replace(revocation, [...kept, held]);
    },
    find: (kind, source, value, issuedMs, nowMs) => {
      if (value === undefined) return undefined;
      const there = shelfOf(kind).get(source)?.get(value);
      return there?.find(
        ({ revocation, expiresMs }) => expiresMs > nowMs && (issuedMs === undefined || issuedMs < reachOf(revocation)),
      )?.revocation;
    },
    sweep: (most, nowMs) => {
      for (let swept = 0; swept < most; swept += 1) {
        const first = expiries.top;
        if (first === undefined || first.expiresMs > nowMs) return;
        forget(first);
        const { kind, source, value } = first.revocation;
        const there = shelfOf(kind).get(source)?.get(value) ?? [];
        replace(
          first.revocation,
          there.filter((other) => other !== first),
        );
      }
    },
    list: function* (nowMs) {
      for (const shelf of Object.values<Shelf>(shelves)) {
        for (const values of shelf.values()) {
          for (const there of values.values()) {
            for (const { revocation, expiresMs } of there) if (expiresMs > nowMs) yield revocation;
          }
        }
      }
    },
    get size() {
      return size;
    },
  };
}
