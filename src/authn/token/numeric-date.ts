import type { Json } from '../../core/json.ts';

// The last second of the year 9999: beyond it, a lifetime is a mistake or a trick.
const latestSeconds = 253_402_300_799;

/** Whether a claim is a time in seconds since the epoch (RFC 7519 section 2, NumericDate), with or without a fraction. */
export const isNumericDate = (claim: Json | undefined): claim is number =>
  typeof claim === 'number' && claim >= 0 && claim <= latestSeconds;
