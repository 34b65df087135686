import { randomUUID } from 'node:crypto';
import { type CheckDeps, check } from '../flow/check.ts';
import { openProcessor, type ProcessDeps } from '../flow/process.ts';
import { type ShouldRateLimitDeps, shouldRateLimit } from '../flow/should-rate-limit.ts';
import { GrpcError } from '../server/grpc-error.ts';
import { healthService } from '../server/health.ts';
import type { Readiness } from '../server/readiness.ts';
import { checkService, joinServices, processService, rateLimitService, serviceNames } from '../server/services.ts';
import type { ServiceTable } from '../server/transport.ts';

/** The name of a decision: random, so that nobody can guess another's. */
export const newDecisionId = (): string => randomUUID();

/** How long Envoy waits for each answer on a Process stream, where its initial metadata does not say so. */
const defaultMessageTimeoutMs = 200;
/** Envoy keeps message_timeout to itself: the shipped bootstrap says it beside. */
const messageTimeoutName = 'x-message-timeout-ms';

/** Everything that we serve over gRPC. */
export function serviceTable(deps: CheckDeps & ProcessDeps & ShouldRateLimitDeps, readiness: Readiness): ServiceTable {
  const process = openProcessor(deps);
  return joinServices(
    checkService(
      (message, { metadata, signal, remainingMs }) =>
        check(message, { traceparent: metadata.get('traceparent'), signal, remainingMs }, deps),
      deps.newId,
    ),
    processService((messages, { metadata, signal }) => {
      const messageTimeoutMs = timeoutOf(metadata.get(messageTimeoutName));
      return process(messages, { traceparent: metadata.get('traceparent'), messageTimeoutMs, signal });
    }),
    rateLimitService(async (message) => {
      const answer = await shouldRateLimit(message, deps);
      // The reference service answers so, and Envoy's failure_mode_deny decides what it means.
      if (answer.kind === 'invalid') throw new GrpcError('unknown', answer.problem);
      return answer.message;
    }),
    healthService(readiness, [serviceNames.check, serviceNames.process, serviceNames.rateLimit]),
  );
}

const timeoutOf = (text: string | undefined): number =>
  text !== undefined && /^[1-9]\d{0,6}$/.test(text) ? Number(text) : defaultMessageTimeoutMs;
