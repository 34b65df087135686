import type { BanTarget } from './ban.ts';

/** Whom or what a finding is about. */
export interface FindingSubject {
  readonly kind: 'global' | 'route' | 'network' | 'principal';
  /** The rule or route, the network's prefix, the principal's key; empty for global. */
  readonly name: string;
}

/** What a detector has found: something is not as it was, or not as it should be. */
export interface Finding {
  /** Random; the beginning and the end of one finding have the same. */
  readonly id: string;
  /** The name of the detector in its room's table. */
  readonly detector: string;
  readonly phase: 'begins' | 'ends';
  /** In a line for people: "3.4 times as many requests as usual". */
  readonly title: string;
  readonly subject: FindingSubject;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  /** Milliseconds since the epoch: when it was found, or found to be over. */
  readonly atMs: number;
  /** What was measured, like `requests_per_second`, and what would have been usual; undefined: there is no usual. */
  readonly measure: { readonly name: string; readonly observed: number; readonly expected: number | undefined };
  /** The MITRE ATT&CK technique, like T1110.004; undefined: none. */
  readonly technique: string | undefined;
  /** What the config says to do about it. */
  readonly action: 'alert' | 'ban' | 'tighten';
  /** Whom the action is against; empty: nobody can be blamed, or all who can are on the allowlist. */
  readonly targets: readonly BanTarget[];
  /** Whether the detector only watches: nothing was done. */
  readonly shadow: boolean;
}

/** Hears of every finding when it begins and when it ends; never throws, never waits. */
export interface FindingListener {
  found(finding: Finding): void;
}
