import type { Principal } from './principal.ts';

/** What is taken back: one credential, a session with all that belongs to it, or all of a principal. */
export interface Revocation {
  /** credential: a token's jti or a key's id. session: a sid. principal: an id. */
  readonly kind: 'credential' | 'session' | 'principal';
  /** The identity that vouches for it. */
  readonly source: string;
  readonly value: string;
  /** Credentials that were issued at this time or later are not meant; undefined: all are. Milliseconds since the epoch. */
  readonly beforeMs: number | undefined;
  /**
   * Until when it is kept: when the last credential that it means has ended by itself. Milliseconds since the epoch;
   * undefined: for good, for credentials that do not end.
   */
  readonly untilMs: number | undefined;
}

/** What has been taken back, on every replica. */
export interface Revocations {
  /** Whether what was revoked before our start is known. */
  ready(): boolean;
  /** The revocation that means this principal now; costs no waiting. */
  find(principal: Principal): Revocation | undefined;
  /** Revokes on every replica, within a second. Rejects with a StoreUnavailable when the others cannot hear of it. */
  revoke(revocation: Revocation): Promise<void>;
}
