/** The keys that come most often, each with a value; what there is no room for shares one value. */
export interface Top<V> {
  /** Counts a key, and gives its value. */
  hit(key: string): V;
  /** The keys with their values, in no order. */
  entries(): Iterable<readonly [key: string, value: V]>;
  /** What was gathered for keys that have lost their place. */
  readonly rest: V;
}

/**
 * Opens a table of at most size keys (Space-Saving, Metwally et al. 2005): a new key takes the place of the one that came
 * least often, and its count, so that a key which comes often enough is in the table whatever else comes. The value of the
 * one that leaves is folded into the rest.
 */
export function openTop<V>(size: number, open: () => V, fold: (from: V, into: V) => void): Top<V> {
  const places = new Map<string, number>();
  const counts = new Float64Array(size);
  const values: V[] = [];
  const keys: string[] = [];
  const rest = open();

  const rarest = (): number => {
    let least = 0;
    for (let place = 1; place < size; place += 1) if ((counts[place] ?? 0) < (counts[least] ?? 0)) least = place;
    return least;
  };
  const makeRoom = (): number => {
    if (keys.length < size) return keys.length;
    const place = rarest();
    places.delete(keys[place] ?? '');
    const leaving = values[place];
    if (leaving !== undefined) fold(leaving, rest);
    return place;
  };
  return {
    hit: (key) => {
      let place = places.get(key);
      if (place === undefined) {
        place = makeRoom();
        places.set(key, place);
        keys[place] = key;
        values[place] = open();
      }
      counts[place] = (counts[place] ?? 0) + 1;
      return values[place] ?? rest;
    },
    entries: () => keys.map((key, place) => [key, values[place] ?? rest] as const),
    rest,
  };
}
