import type { Descriptor } from '../core/descriptor.ts';
import { decoded } from './decoding.ts';
import type { RateLimitDescriptor } from './gen/envoy/extensions/common/ratelimit/v3/ratelimit.ts';
import { RateLimitRequest as Message } from './gen/envoy/service/ratelimit/v3/rls.ts';

/** One request to count (envoy.service.ratelimit.v3.RateLimitRequest), in our words. */
export interface RateLimitRequest {
  readonly domain: string;
  readonly descriptors: readonly Descriptor[];
  /** As it was sent: 0 says nothing, and counts as 1. */
  readonly hitsAddend: number;
}

/** The request in the bytes of a RateLimitRequest; undefined when they are not protobuf. Never throws. */
export function fromRateLimitRequest(bytes: Uint8Array): RateLimitRequest | undefined {
  const message = decoded(Message, bytes);
  if (message === undefined) return undefined;
  const { domain, descriptors, hitsAddend } = message;
  return { domain, descriptors: descriptors.map(toDescriptor), hitsAddend };
}

// Hits that are to be given back only look: taking them would punish the caller for them.
const toDescriptor = ({ entries, hitsAddend, isNegativeHits }: RateLimitDescriptor): Descriptor => ({
  entries: entries.map(({ key, value }) => ({ key, value })),
  hitsAddend: isNegativeHits ? 0n : hitsAddend,
});
