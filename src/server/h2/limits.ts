/** What a connection may ask of us; beyond it, it is closed, or told to wait. */
export interface Limits {
  /** Calls at once on one connection, those included whose caller has left and whose handler is still at work. */
  readonly concurrentStreams: number;
  /** All fields of a request together, as RFC 9113 section 6.5.2 counts them. */
  readonly headerListBytes: number;
  /** The same, compressed; and in how many frames they may come. */
  readonly headerBlockBytes: number;
  readonly headerBlockFrames: number;
  /** Bytes of one stream that may come before they are asked for. */
  readonly streamWindowBytes: number;
  /** Bytes of all streams that may come before they are asked for. */
  readonly connectionWindowBytes: number;
  /** Bytes of messages that are not whole yet, or were made whole from compressed ones, all streams together. */
  readonly partialBytes: number;
  /** Bytes that wait for a caller who does not read; beyond it we do not read either. */
  readonly unsentBytes: number;
  /** Calls that a caller takes back: so many at once, and so many a second (CVE-2023-44487). */
  readonly cancels: Allowance;
  /**
   * Frames that cost work and bring nothing: pings, settings, priorities, empty data, errors of streams. Calls and data earn
   * some more: clients of gRPC measure their line by a ping for each answer.
   */
  readonly chores: Allowance;
  /** How long a connection may take for its preface and settings. */
  readonly greetingMs: number;
  /** How long a connection without calls is kept. */
  readonly idleMs: number;
  /** After so long without a frame the other side is asked whether it is there, and has so long to answer. */
  readonly keepaliveMs: number;
  readonly keepaliveTimeoutMs: number;
  /** How long bytes may wait for a caller who reads none of them. */
  readonly stalledMs: number;
  readonly connections: number;
}

/** So many at once, and so many a second. */
interface Allowance {
  readonly burst: number;
  readonly perSecond: number;
}

/** The limits where nobody says otherwise. */
export const defaultLimits: Limits = Object.freeze({
  concurrentStreams: 1024,
  headerListBytes: 16 * 1024,
  headerBlockBytes: 32 * 1024,
  headerBlockFrames: 8,
  streamWindowBytes: 256 * 1024,
  connectionWindowBytes: 8 * 1024 * 1024,
  partialBytes: 64 * 1024 * 1024,
  unsentBytes: 4 * 1024 * 1024,
  cancels: Object.freeze({ burst: 2048, perSecond: 500 }),
  chores: Object.freeze({ burst: 1024, perSecond: 200 }),
  greetingMs: 10_000,
  idleMs: 60 * 60_000,
  keepaliveMs: 60_000,
  keepaliveTimeoutMs: 20_000,
  stalledMs: 30_000,
  connections: 4096,
});

/** Counts what is allowed. */
export interface AllowanceMeter {
  /** Takes one; says whether there was one left. */
  take(): boolean;
  /** Something useful was done: as much again is allowed as it may need. */
  earn(): void;
}

const earned = 4;

/** A meter that is full. */
export function openAllowance({ burst, perSecond }: Allowance, nowMs: () => number): AllowanceMeter {
  let left = burst;
  let atMs = nowMs();
  return {
    take: () => {
      left -= 1;
      if (left >= 0) return true;
      const now = nowMs();
      left = Math.min(burst, Math.floor(((now - atMs) * perSecond) / 1000)) - 1;
      atMs = now;
      return left >= 0;
    },
    earn: () => {
      left = Math.min(burst, left + earned);
    },
  };
}
