import { randomUUID } from 'node:crypto';
import { type CheckDeps, check } from '../flow/check.ts';
import { type ShouldRateLimitDeps, shouldRateLimit } from '../flow/should-rate-limit.ts';
import { GrpcError } from '../server/grpc-error.ts';
import { healthService } from '../server/health.ts';
import type { Readiness } from '../server/readiness.ts';
import { checkService, joinServices, rateLimitService, serviceNames } from '../server/services.ts';
import type { ServiceTable } from '../server/transport.ts';

/** The name of a decision: random, so that nobody can guess another's. */
export const newDecisionId = (): string => randomUUID();

/** Everything that we serve over gRPC. */
export function serviceTable(deps: CheckDeps & ShouldRateLimitDeps, readiness: Readiness): ServiceTable {
  return joinServices(
    checkService(
      (message, { metadata, signal, remainingMs }) =>
        check(message, { traceparent: metadata.get('traceparent'), signal, remainingMs }, deps),
      deps.newId,
    ),
    rateLimitService(async (message) => {
      const answer = await shouldRateLimit(message, deps);
      // The reference service answers so, and Envoy's failure_mode_deny decides what it means.
      if (answer.kind === 'invalid') throw new GrpcError('unknown', answer.problem);
      return answer.message;
    }),
    healthService(readiness, Object.values(serviceNames)),
  );
}
