import type { KeyObject } from 'node:crypto';
import type { OutboundOptions } from '../../../outbound/outbound.ts';
import type { TokenAlgorithm } from '../../algorithms.ts';

/** What a key set says to a token's header. */
export type KeyLookup =
  /** former: the key that was meant before the whole set was replaced; it may still be. */
  | { readonly kind: 'found'; readonly key: KeyObject; readonly former?: KeyObject }
  /** No key of that kid, or, for a token without kid, not exactly one key of that algorithm. */
  | { readonly kind: 'unknown' }
  /** The key of that kid is for another algorithm. */
  | { readonly kind: 'mismatch' }
  /** There are no keys to look at, or the signal aborted first. */
  | { readonly kind: 'unavailable' };

/** The public keys of one issuer, or the secret that it shares with us. */
export interface KeySet {
  /** The key for a token's header; never rejects, and answers at once where nothing must be fetched. */
  find(kid: string | undefined, alg: TokenAlgorithm, signal: AbortSignal): KeyLookup | Promise<KeyLookup>;
  /** Whether there have been keys at least once. */
  ready(): boolean;
}

/** A key set behind a URL: two equal specs are the same set. */
export interface KeySetSpec {
  /** The identity that it is fetched for: the label of its metrics. */
  readonly identity: string;
  /** discovery: the set that the issuer's own metadata names (OpenID Connect Discovery 1.0 section 4). */
  readonly source:
    | { readonly kind: 'url'; readonly url: string }
    | { readonly kind: 'discovery'; readonly issuer: string };
  /** Keys are renewed before they are this old. */
  readonly refreshMs: number;
  /** How much longer keys are used when they cannot be renewed. */
  readonly staleIfErrorMs: number;
  /** Unknown key ids cause at most one fetch in this time. */
  readonly unknownKidCooldownMs: number;
  /** How its servers may be called; the time is for the metadata and the keys together. */
  readonly outbound: OutboundOptions;
}

/** The key sets that outlive a plan. */
export interface KeySets {
  /** The set of a spec, the same one every time; asks nobody yet. */
  resolve(spec: KeySetSpec): KeySet;
  /** Begins to fetch what has been resolved, and keeps it fresh from now on. */
  start(): void;
  /** Closes every set that is not among these specs, and starts the others if start was called. */
  retain(specs: readonly KeySetSpec[]): void;
  /** Stops all fetching; sets go on answering with the keys that they have. */
  close(): void;
}
