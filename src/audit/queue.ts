/** Something that waits. */
export interface Queued {
  /** Its place in the order. */
  readonly sequence: number;
  /** Whether it goes first when there is no room. */
  readonly droppable: boolean;
  readonly bytes: number;
}

/** How much may wait. */
export interface QueueBound {
  readonly events: number;
  readonly bytes: number;
}

/** A queue that never grows beyond its bound. */
export interface Queue<T extends Queued> {
  readonly events: number;
  readonly bytes: number;
  /** Adds an item; when there is no room the oldest droppable ones go, then the oldest of all. */
  push(item: T): void;
  /** Takes the oldest items in their order: at least one, if there is any, and no more than the bound. */
  take(bound: QueueBound): T[];
  /** Puts taken items back to where they were. */
  putBack(items: readonly T[]): void;
}

/** An empty queue; dropped hears of every item that had to go. */
export function createQueue<T extends Queued>(bound: QueueBound, dropped: (item: T) => void): Queue<T> {
  const droppable = createLane<T>();
  const kept = createLane<T>();
  const laneOf = (item: T): Lane<T> => (item.droppable ? droppable : kept);
  let bytes = 0;
  const size = (): number => droppable.size() + kept.size();
  const trim = (): void => {
    while (size() > bound.events || bytes > bound.bytes) {
      const item = droppable.shift() ?? kept.shift();
      if (item === undefined) return;
      bytes -= item.bytes;
      dropped(item);
    }
  };
  const oldest = (): Lane<T> => {
    const [first, second] = [droppable.peek(), kept.peek()];
    return first !== undefined && (second === undefined || first.sequence < second.sequence) ? droppable : kept;
  };

  return {
    get events() {
      return size();
    },
    get bytes() {
      return bytes;
    },
    push: (item) => {
      laneOf(item).push(item);
      bytes += item.bytes;
      trim();
    },
    take: (most) => {
      const taken: T[] = [];
      let takenBytes = 0;
      for (;;) {
        const lane = oldest();
        const next = lane.peek();
        const full = taken.length >= most.events || (next !== undefined && takenBytes + next.bytes > most.bytes);
        if (next === undefined || (full && taken.length > 0)) return taken;
        lane.shift();
        bytes -= next.bytes;
        takenBytes += next.bytes;
        taken.push(next);
      }
    },
    putBack: (items) => {
      droppable.unshift(items.filter((item) => item.droppable));
      kept.unshift(items.filter((item) => !item.droppable));
      for (const item of items) bytes += item.bytes;
      trim();
    },
  };
}

interface Lane<T> {
  size(): number;
  peek(): T | undefined;
  push(item: T): void;
  shift(): T | undefined;
  unshift(items: readonly T[]): void;
}

const sparseMin = 1024;

// Array.shift moves everything; a head index does not, and the dead part is cut off once it is the larger one.
function createLane<T>(): Lane<T> {
  let items: (T | undefined)[] = [];
  let head = 0;
  return {
    size: () => items.length - head,
    peek: () => items[head],
    push: (item) => {
      items.push(item);
    },
    shift: () => {
      const item = items[head];
      if (item === undefined) return undefined;
      items[head] = undefined; // the garbage collector need not wait for the cut
      head += 1;
      if (head === items.length || (head > sparseMin && head * 2 > items.length)) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
    unshift: (front) => {
      items = [...front, ...items.slice(head)];
      head = 0;
    },
  };
}
