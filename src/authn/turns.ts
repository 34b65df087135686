/** So many may be at work at once; the others wait in a line, in their order. */
export interface Turns {
  /**
   * A place, to be given back; undefined when the line is full, or when nobody wants it any more once the turn has come.
   */
  take(wanted: () => boolean): Promise<(() => void) | undefined>;
}

/** Turns in so many places, and a line of bounded length. */
export function openTurns(places: number, longestLine: number): Turns {
  const line: { readonly wanted: () => boolean; readonly go: (release: (() => void) | undefined) => void }[] = [];
  let taken = 0;

  const release = (): void => {
    for (let next = line.shift(); next !== undefined; next = line.shift()) {
      const wanted = next.wanted();
      next.go(wanted ? once(release) : undefined);
      if (wanted) return;
    }
    taken -= 1;
  };
  return {
    take: async (wanted) => {
      if (taken < places) {
        taken += 1;
        return once(release);
      }
      if (line.length >= longestLine) return undefined;
      const { promise, resolve: go } = Promise.withResolvers<(() => void) | undefined>();
      line.push({ wanted, go });
      return promise;
    },
  };
}

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (!done) run();
    done = true;
  };
}
