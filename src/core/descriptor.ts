import type { LimitRule } from './limit.ts';

/** A key and a value of a descriptor (envoy.extensions.common.ratelimit.v3.RateLimitDescriptor.Entry). */
interface Entry {
  readonly key: string;
  readonly value: string;
}

/** Units of envoyproxy/ratelimit's grammar, in the words of its proto. */
export type Unit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

/** One thing to be limited, as Envoy describes it (RateLimitDescriptor). */
export interface Descriptor {
  readonly entries: readonly Entry[];
  /** Hits of this descriptor alone; undefined takes the request's. */
  readonly hitsAddend: bigint | undefined;
}

/** A limit that a descriptor matched. */
export interface DescriptorLimit {
  /** The configured name; empty when it has none. */
  readonly name: string;
  readonly requestsPerUnit: number;
  readonly unit: Unit;
  readonly rule: LimitRule;
  /** A name of the algorithm table. */
  readonly algorithm: string;
  /** The counter's key. */
  readonly key: string;
}

/** What a descriptor matches: undefined where no limit applies, unlimited where one says so. */
export type DescriptorMatch = DescriptorLimit | 'unlimited' | undefined;

/** The compiled config directory of envoyproxy/ratelimit. */
export type DescriptorPolicy = (domain: string, descriptor: Descriptor) => DescriptorMatch;
