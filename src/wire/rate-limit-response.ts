import type { HeaderMutation } from '../core/decision.ts';
import type { DescriptorLimit, Unit } from '../core/descriptor.ts';
import {
  RateLimitResponse_Code as Code,
  RateLimitResponse as Message,
  type RateLimitResponse_DescriptorStatus,
  RateLimitResponse_RateLimit_Unit as WireUnit,
} from './gen/envoy/service/ratelimit/v3/rls.ts';
import { soundHeaders } from './header-limits.ts';

/** An outcome of a descriptor or of the whole call. */
type RateLimitCode = 'ok' | 'over_limit';

/** What became of one descriptor (RateLimitResponse.DescriptorStatus), in our words. */
export interface DescriptorStatus {
  readonly code: RateLimitCode;
  /** The limit that it matched; undefined when it matched none. */
  readonly limit: Pick<DescriptorLimit, 'name' | 'requestsPerUnit' | 'unit'> | undefined;
  readonly limitRemaining: number;
  /** Whole seconds until the limit is as good as new; left out of the answer where there is no limit. */
  readonly resetSeconds: number;
}

/** What became of a call (envoy.service.ratelimit.v3.RateLimitResponse), in our words. */
interface RateLimitResponse {
  readonly overall: RateLimitCode;
  /** In the order of the descriptors. */
  readonly statuses: readonly DescriptorStatus[];
  /** For the client's answer; those that cannot be sent are left out. */
  readonly headers: readonly HeaderMutation[];
}

/** The bytes of a RateLimitResponse; numbers beyond 32 bits become the nearest that fits. */
export function toRateLimitResponse({ overall, statuses, headers }: RateLimitResponse): Uint8Array {
  return Message.encode({
    overallCode: codes[overall],
    statuses: statuses.map(toStatus),
    responseHeadersToAdd: soundHeaders(headers).map(({ name, value }) => ({ key: name, value, rawValue: noBytes })),
    requestHeadersToAdd: [],
    rawBody: noBytes,
    dynamicMetadata: undefined,
    quota: undefined,
  }).finish();
}

const noBytes = Buffer.alloc(0);
const codes = { ok: Code.OK, over_limit: Code.OVER_LIMIT } as const satisfies Record<RateLimitCode, Code>;
const units = {
  second: WireUnit.SECOND,
  minute: WireUnit.MINUTE,
  hour: WireUnit.HOUR,
  day: WireUnit.DAY,
  week: WireUnit.WEEK,
  month: WireUnit.MONTH,
  year: WireUnit.YEAR,
} as const satisfies Record<Unit, WireUnit>;

function toStatus({ code, limit, limitRemaining, resetSeconds }: DescriptorStatus): RateLimitResponse_DescriptorStatus {
  return {
    code: codes[code],
    currentLimit: limit && {
      name: limit.name,
      requestsPerUnit: uint32(limit.requestsPerUnit),
      unit: units[limit.unit],
    },
    limitRemaining: uint32(limitRemaining),
    durationUntilReset: limit && { seconds: BigInt(uint32(resetSeconds)), nanos: 0 },
    quota: undefined,
  };
}

const uint32 = (value: number): number => Math.max(0, Math.min(0xffff_ffff, Math.ceil(value) || 0));
