import { decoded } from './decoding.ts';
import {
  HealthCheckRequest,
  HealthCheckResponse,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from './gen/grpc/health/v1/health.ts';

/** What a service can say of itself (grpc.health.v1.HealthCheckResponse.ServingStatus), in our words. */
export type Health = 'serving' | 'not_serving' | 'service_unknown';

/** The service that a grpc.health.v1.HealthCheckRequest asks about; undefined when the bytes are not protobuf. */
export const fromHealthCheckRequest = (bytes: Uint8Array): string | undefined =>
  decoded(HealthCheckRequest, bytes)?.service;

/** The bytes of a grpc.health.v1.HealthCheckResponse. */
export const toHealthCheckResponse = (health: Health): Uint8Array =>
  HealthCheckResponse.encode({ status: statuses[health] }).finish();

const statuses = {
  serving: ServingStatus.SERVING,
  not_serving: ServingStatus.NOT_SERVING,
  service_unknown: ServingStatus.SERVICE_UNKNOWN,
} as const satisfies Record<Health, ServingStatus>;
