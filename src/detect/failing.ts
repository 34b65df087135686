import type { Key } from './hash.ts';

/** Networks whose credentials were refused in the last minutes, and whether any was taken: few enough to know them by name. */
interface Failing {
  failed(network: Key, name: string, guess: number, atMs: number): void;
  succeeded(network: Key, name: string): void;
  /** The names of those that showed more than one and had no success: a slip of one's own is no part of it, whatever others do. */
  hopeless(): readonly string[];
}

const most = 2000;
const periodMs = 120_000;
const bits = 2 ** 16;

interface Network {
  succeeded: boolean;
  /** The first that was refused. */
  readonly guess: number;
  several: boolean;
}

interface Period {
  readonly networks: Map<string, Network>;
  /** A bit for each, by its hash: nearly all who succeed never failed, and are not looked up by name. */
  readonly marks: Uint32Array;
}

const openPeriod = (): Period => ({ networks: new Map(), marks: new Uint32Array(bits / 32) });
const place = ({ low }: Key): number => (low & (bits - 1)) >>> 5;

/** Opens the register; the younger half of it is forgotten two periods after. */
export function openFailing(): Failing {
  let period = 0;
  let current = openPeriod();
  let before = openPeriod();
  return {
    failed: (network, name, guess, atMs) => {
      const now = Math.floor(atMs / periodMs);
      if (now > period) {
        before = now === period + 1 ? current : openPeriod();
        current = openPeriod();
        period = now;
      }
      const { networks, marks } = current;
      const young = networks.get(name);
      const known = young ?? before.networks.get(name);
      const several = known !== undefined && (known.several || known.guess !== guess);
      if (young !== undefined) young.several = several;
      if (young !== undefined || networks.size >= most) return;
      networks.set(name, { guess, several, succeeded: known?.succeeded ?? false });
      marks[place(network)] = (marks[place(network)] ?? 0) | (1 << (network.low & 31));
    },
    succeeded: (network, name) => {
      const word = place(network);
      if ((((current.marks[word] ?? 0) | (before.marks[word] ?? 0)) & (1 << (network.low & 31))) === 0) return;
      for (const { networks } of [current, before]) {
        const known = networks.get(name);
        if (known !== undefined) known.succeeded = true;
      }
    },
    hopeless: () => {
      const names = new Set<string>();
      for (const [name, { succeeded, several }] of [...before.networks, ...current.networks]) {
        if (several && !succeeded && current.networks.get(name)?.succeeded !== true) names.add(name);
      }
      return [...names];
    },
  };
}
