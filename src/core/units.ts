const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const byteUnits = { B: 1, KiB: 1024, MiB: 1024 ** 2 } as const;

const unitOf = <T extends Record<string, number>>(table: T, name: string): number | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** Milliseconds of "20ms", "30s", "5m", "24h" or "7d"; undefined when the text is no duration. */
export function parseDurationMs(text: string): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  if (match === null) return undefined;
  const unit = unitOf(durationUnits, match[2] ?? '');
  return unit === undefined ? undefined : Number(match[1]) * unit;
}

/** Bytes of "512B", "64KiB" or "1MiB"; undefined when the text is no size. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,9})(B|KiB|MiB)$/.exec(text);
  if (match === null) return undefined;
  const unit = unitOf(byteUnits, match[2] ?? '');
  return unit === undefined ? undefined : Number(match[1]) * unit;
}

/** A rate like "100/m": a count of at least 1 in a second, minute, hour or day; undefined when the text is none. */
export function parseRate(text: string): { readonly count: number; readonly periodMs: number } | undefined {
  const match = /^(\d{1,9})\/(s|m|h|d)$/.exec(text);
  if (match === null) return undefined;
  const count = Number(match[1]);
  const periodMs = unitOf(durationUnits, match[2] ?? '');
  return count < 1 || periodMs === undefined ? undefined : { count, periodMs };
}
