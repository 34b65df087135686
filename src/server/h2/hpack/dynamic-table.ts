import type { Field } from './field.ts';

/** Fields that one side has told the other to remember, the latest first (RFC 7541 section 2.3.2). */
interface DynamicTable {
  /** The field that was added so many fields ago: 0 is the latest. */
  at(index: number): Field | undefined;
  /** Remembers a field, and forgets the oldest ones that there is no room for beside it. */
  add(field: Field): void;
  /** Changes how much may be remembered, in the sizes of fields. */
  resize(size: number): void;
}

/** A table that remembers nothing yet. */
export function openDynamicTable(limit: number): DynamicTable {
  // A ring: fields come at its head and go at its tail.
  let ring: (Field | undefined)[] = new Array(16);
  let head = 0;
  let count = 0;
  let size = 0;
  let room = limit;

  const forget = (): void => {
    const tail = (head - count + ring.length) % ring.length;
    size -= ring[tail]?.size ?? 0;
    ring[tail] = undefined;
    count -= 1;
  };
  const grow = (): void => {
    const all = Array.from({ length: count }, (_, index) => ring[(head - count + index + ring.length) % ring.length]);
    ring = [...all, ...new Array(ring.length * 2 - count)];
    head = count;
  };
  return {
    at: (index) => (index < count ? ring[(head - 1 - index + ring.length) % ring.length] : undefined),
    add: (field) => {
      while (count > 0 && size + field.size > room) forget();
      // One that is larger than the whole table empties it, and is no error (RFC 7541 section 4.4).
      if (field.size > room) return;
      if (count === ring.length) grow();
      ring[head] = field;
      head = (head + 1) % ring.length;
      count += 1;
      size += field.size;
    },
    resize: (next) => {
      room = next;
      while (size > room) forget();
    },
  };
}
