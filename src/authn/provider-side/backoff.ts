const firstMs = 1000;

/** Milliseconds that something is left alone at the longest. */
export const longestPauseMs = 30_000;

/** Milliseconds to leave something alone after so many failures in a row: none, a second, and ever twice as long. */
export const pauseAfter = (failures: number): number =>
  failures < 1 ? 0 : Math.min(firstMs * 2 ** Math.min(failures - 1, 10), longestPauseMs);
