/** Something that means nothing any more after a time; the heap keeps its place in it. */
export interface Expiring {
  expiresMs: number;
  place: number;
}

/** A binary heap with the earliest expiry on top, from which any item can be taken. */
interface ExpiryHeap<T extends Expiring> {
  add(item: T): void;
  /** Puts an item back in order after its expiry changed. */
  moved(item: T): void;
  remove(item: T): void;
  /** The item that expires first. */
  readonly top: T | undefined;
}

/** An empty heap. */
export function createExpiryHeap<T extends Expiring>(): ExpiryHeap<T> {
  const items: T[] = [];

  const put = (item: T, place: number): void => {
    items[place] = item;
    item.place = place;
  };

  const rise = (item: T): void => {
    let place = item.place;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = items[above];
      if (parent === undefined || parent.expiresMs <= item.expiresMs) break;
      put(parent, place);
      place = above;
    }
    put(item, place);
  };

  const sink = (item: T): void => {
    let place = item.place;
    for (;;) {
      const left = items[2 * place + 1];
      const right = items[2 * place + 2];
      const child = right !== undefined && left !== undefined && right.expiresMs < left.expiresMs ? right : left;
      if (child === undefined || child.expiresMs >= item.expiresMs) break;
      const below = child.place;
      put(child, place);
      place = below;
    }
    put(item, place);
  };

  const moved = (item: T): void => {
    rise(item);
    sink(item);
  };

  return {
    moved,
    add: (item) => {
      put(item, items.length);
      rise(item);
    },
    remove: (item) => {
      const last = items.pop();
      if (last === undefined || last === item) return;
      put(last, item.place);
      moved(last);
    },
    get top() {
      return items[0];
    },
  };
}
