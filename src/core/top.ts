/** The keys that come most often, each with a value; what there is no room for shares one value. */
export interface Top<V> {
  /** Counts a key, and gives its value. */
  hit(key: string): V;
  /** The keys with their values, in no order. */
  entries(): Iterable<readonly [key: string, value: V]>;
  /** What was gathered for keys that have lost their place. */
  readonly rest: V;
}

/** A key that is told apart; its count is at most too large. */
interface Place<V> {
  key: string;
  count: number;
  value: V;
}

/**
 * Opens a table of at most so many keys, and at least one (Space-Saving, Metwally et al. 2005): a new key takes the place of
 * the one that came least often, and its count, so that a key which comes often enough is in the table whatever else comes.
 * The value of the one that leaves is folded into the rest.
 */
export function openTop<V>(size: number, open: () => V, fold: (from: V, into: V) => void): Top<V> {
  const places = new Map<string, Place<V>>();
  const all: Place<V>[] = [];
  const rest = open();

  const openPlace = (key: string): Place<V> => {
    const place = { key, count: 0, value: open() };
    all.push(place);
    return place;
  };
  const takeOver = (key: string): Place<V> => {
    const place = all.reduce((least, one) => (one.count < least.count ? one : least));
    places.delete(place.key);
    fold(place.value, rest);
    place.key = key;
    place.value = open();
    return place;
  };
  return {
    hit: (key) => {
      let place = places.get(key);
      if (place === undefined) {
        place = all.length < size ? openPlace(key) : takeOver(key);
        places.set(key, place);
      }
      place.count += 1;
      return place.value;
    },
    entries: () => all.map(({ key, value }) => [key, value] as const),
    rest,
  };
}
