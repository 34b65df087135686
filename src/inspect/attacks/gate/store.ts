/** What automata may keep of the states that they have met: one bound for all of a set of rules. */
export interface Store {
  /** Takes so many bytes; when there are none left, all states of all automata are given up first. */
  take(bytes: number): void;
  /** Whoever keeps states says how to give them up. */
  join(clear: () => void): void;
}

/** Opens a store of so many bytes. */
export function openStore(mostBytes: number): Store {
  const clears: (() => void)[] = [];
  let taken = 0;
  return {
    take: (bytes) => {
      if (taken + bytes > mostBytes) {
        for (const clear of clears) clear();
        taken = 0;
      }
      taken += bytes;
    },
    join: (clear) => {
      clears.push(clear);
    },
  };
}
