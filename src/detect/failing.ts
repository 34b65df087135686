/** Networks whose credentials were refused in the last minutes, and whether any was taken: few enough to know them by name. */
interface Failing {
  failed(network: number, name: string, guess: number, atMs: number): void;
  succeeded(network: number): void;
  /** The names of those that showed more than one and had no success: a slip of one's own is no part of it, whatever others do. */
  hopeless(): readonly string[];
}

const most = 2000;
const periodMs = 120_000;

interface Network {
  readonly name: string;
  succeeded: boolean;
  /** The first that was refused. */
  readonly guess: number;
  several: boolean;
}

/** Opens the register; the younger half of it is forgotten two periods after. */
export function openFailing(): Failing {
  let period = 0;
  let current = new Map<number, Network>();
  let before = new Map<number, Network>();
  return {
    failed: (network, name, guess, atMs) => {
      const now = Math.floor(atMs / periodMs);
      if (now > period) {
        before = now === period + 1 ? current : new Map();
        current = new Map();
        period = now;
      }
      const known = current.get(network) ?? before.get(network);
      const several = known !== undefined && (known.several || known.guess !== guess);
      const young = current.get(network);
      if (young !== undefined) young.several = several;
      else if (current.size < most)
        current.set(network, { name, guess, several, succeeded: known?.succeeded ?? false });
    },
    succeeded: (network) => {
      const young = current.size === 0 ? undefined : current.get(network);
      if (young !== undefined) young.succeeded = true;
      const old = before.size === 0 ? undefined : before.get(network);
      if (old !== undefined) old.succeeded = true;
    },
    hopeless: () => {
      const names = new Set<string>();
      for (const [network, { name, succeeded, several }] of [...before, ...current]) {
        if (several && !succeeded && current.get(network)?.succeeded !== true) names.add(name);
      }
      return [...names];
    },
  };
}
