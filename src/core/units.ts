import { own } from './json.ts';

const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const rateUnits = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const byteUnits = { B: 1, KiB: 1024, MiB: 1024 ** 2 } as const;

function parseQuantity(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d{1,9})([A-Za-z]+)$/.exec(text);
  const unit = own(units, match?.[2] ?? '');
  return unit === undefined ? undefined : Number(match?.[1]) * unit;
}

/** Milliseconds of "20ms", "30s", "5m", "24h" or "7d"; undefined when the text is no duration. */
export const parseDurationMs = (text: string): number | undefined => parseQuantity(text, durationUnits);

/** Bytes of "512B", "64KiB" or "1MiB"; undefined when the text is no size. */
export const parseBytes = (text: string): number | undefined => parseQuantity(text, byteUnits);

/** A count in a period. */
interface Rate {
  /** Hits, or bytes where the count is a size. */
  readonly count: number;
  readonly periodMs: number;
  /** Whether the count is a size. */
  readonly isSize: boolean;
}

/** A rate like "100/m" or "500MiB/h": a count of at least 1 in a second, minute, hour or day; undefined when the text is none. */
export function parseRate(text: string): Rate | undefined {
  const [amount = '', unit = '', ...others] = text.split('/');
  const isSize = /[A-Za-z]$/.test(amount);
  const plainCount = /^\d{1,9}$/.test(amount) ? Number(amount) : undefined;
  const count = isSize ? parseBytes(amount) : plainCount;
  const periodMs = own<number>(rateUnits, unit);
  if (others.length > 0 || count === undefined || count < 1 || periodMs === undefined) return undefined;
  return { count, periodMs, isSize };
}
