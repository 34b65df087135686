// Bans: what a lookup of an address that is not banned, and of one that is, costs among many bans of few and of many different lengths, and
// the longest that one ban more takes. `node test/bench/bans.ts`
import { parseArgs } from 'node:util';
import { type Address, formatAddress } from '../../src/core/address.ts';
import { createEffect } from '../../src/detect/bans/effect.ts';

const { values } = parseArgs({ options: { bans: { type: 'string', default: '50000' } } });
const count = Number(values.bans);

let state = 42;
/** 32 bits that are the same in every run. */
function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}

type Family = 4 | 6;
/** Of two halves that have no network in common; all of IPv6 within one /16, as where many clients are. */
const anAddress = (family: Family, half: 0 | 1): Address => ({
  family,
  words:
    family === 4
      ? [half * 0x8000_0000 + (random() >>> 1)]
      : [0x2a00_0000 + half * 0x8000 + (random() >>> 17), random(), random(), random()],
});

const networkOf = ({ family, words }: Address, length: number): string => {
  const kept = words.map((word, at) => {
    const bits = Math.min(32, Math.max(0, length - 32 * at));
    return bits === 0 ? 0 : (word & (-1 << (32 - bits))) >>> 0;
  });
  return `${formatAddress({ family, words: kept })}/${length}`;
};

const lookups = 1 << 16;
/** Nanoseconds of a lookup, in the best of many rounds: others share this machine. */
function best(one: (address: Address) => unknown, addresses: readonly Address[]): number {
  let least = Number.POSITIVE_INFINITY;
  let found = 0;
  for (let round = 0; round < 60; round += 1) {
    const start = process.hrtime.bigint();
    for (const address of addresses) if (one(address) !== undefined) found += 1;
    least = Math.min(least, Number(process.hrtime.bigint() - start));
  }
  if (found < 0) throw new Error('nothing was looked up');
  return least / addresses.length;
}

function measure(family: Family, lengths: readonly number[]): void {
  const effect = createEffect();
  const banned: Address[] = [];
  let longestMs = 0;
  for (let at = 0; at < count; at += 1) {
    const address = anAddress(family, 0);
    banned.push(address);
    const target = { kind: 'address', prefix: networkOf(address, lengths[at % lengths.length] ?? 0) } as const;
    const ban = { id: String(at), target, tighten: undefined, by: 'bench', why: '', sinceMs: 0, untilMs: undefined };
    const start = performance.now();
    effect.replace(target, [], [{ ban, expiresMs: Number.POSITIVE_INFINITY, place: 0 }]);
    longestMs = Math.max(longestMs, performance.now() - start);
  }
  const now = (): number => 0;
  const find = (address: Address) => effect.onAddress(address, now);
  if (banned.some((address) => find(address) === undefined)) throw new Error('somebody who is banned is not found');
  const others = Array.from({ length: lookups }, () => anAddress(family, 1));
  const [free, held] = [best(find, others), best(find, banned)];
  console.log(
    `IPv${family}, ${count} bans of ${lengths.length} lengths: not banned ${free.toFixed(0)} ns, banned ${held.toFixed(0)} ns; one more ban at most ${longestMs.toFixed(1)} ms`,
  );
}

measure(4, [32]);
measure(4, [32, 24]);
measure(
  4,
  Array.from({ length: 25 }, (_, at) => 32 - at),
);
measure(6, [64]);
measure(
  6,
  Array.from({ length: 25 }, (_, at) => 128 - 4 * at),
);
