/** What each hour of the week is used to, for a few series. */
interface Profile {
  /** Learns a value at a time, and gives what was usual then before it; NaN: nobody knows. */
  learn(slot: number, atMs: number, value: number): number;
}

const hours = 168;
const hourMs = 3_600_000;
/** How much of what an hour is used to is replaced by the same hour a week later. */
const share = 0.3;

/**
 * Opens the profiles of so many series, 0.7 KiB each. An hour is known once it has been seen whole; until the hour of the
 * week is, the same hour of the day before stands for it.
 */
export function openProfile(size: number): Profile {
  const means = new Float32Array(size * hours).fill(Number.NaN);
  const sums = new Float32Array(size);
  const sumCounts = new Uint32Array(size);
  const opened = new Float64Array(size).fill(-1);

  const fold = (slot: number): void => {
    const count = sumCounts[slot] ?? 0;
    const hour = opened[slot] ?? -1;
    if (hour < 0 || count === 0) return;
    const place = slot * hours + (hour % hours);
    const mean = (sums[slot] ?? 0) / count;
    const known = means[place] ?? Number.NaN;
    means[place] = Number.isNaN(known) ? mean : known + share * (mean - known);
  };
  const hourUsual = (slot: number, hour: number): number => {
    for (let days = 0; days < 7; days += 1) {
      const mean = means[slot * hours + ((hour - days * 24 + hours) % hours)] ?? Number.NaN;
      if (!Number.isNaN(mean)) return mean;
    }
    return Number.NaN;
  };
  return {
    learn: (slot, atMs, value) => {
      const position = atMs / hourMs;
      const hour = Math.floor(position);
      if (opened[slot] !== hour) {
        fold(slot);
        opened[slot] = hour;
        sums[slot] = 0;
        sumCounts[slot] = 0;
      }
      sums[slot] = (sums[slot] ?? 0) + value;
      sumCounts[slot] = (sumCounts[slot] ?? 0) + 1;
      // Between the middles of two hours, what is usual goes from the one to the other.
      const offset = position - hour - 0.5;
      const here = hourUsual(slot, hour);
      const there = hourUsual(slot, hour + Math.sign(offset));
      if (Number.isNaN(here) || Number.isNaN(there)) return Number.NaN;
      return here + Math.abs(offset) * (there - here);
    },
  };
}
