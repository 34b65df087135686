import { toCheckResponse } from '../wire/check-response.ts';
import { internalDenial } from '../wire/denial.ts';
import type { BidiStreamMethod, ClientStreamMethod, Method, ServiceTable, UnaryMethod } from './transport.ts';

/** Rows of a service table. */
export type Rows = readonly (readonly [name: string, method: Method])[];

/** The services that Envoy calls, by their full names. */
export const serviceNames = Object.freeze({
  accessLog: 'envoy.service.accesslog.v3.AccessLogService',
  check: 'envoy.service.auth.v3.Authorization',
  process: 'envoy.service.ext_proc.v3.ExternalProcessor',
  rateLimit: 'envoy.service.ratelimit.v3.RateLimitService',
} as const);

/** Authorization/Check. A bug of the handler becomes a denial with a new id: an error would leave the choice to Envoy. */
export const checkService = (handle: UnaryMethod['handle'], newId: () => string): Rows => [
  [`/${serviceNames.check}/Check`, { kind: 'unary', handle, onBug: () => toCheckResponse(internalDenial(newId())) }],
];

/** ExternalProcessor/Process. The handler answers a bug of its own with a denial: a stream that ends in an error is Envoy's choice. */
export const processService = (handle: BidiStreamMethod['handle']): Rows => [
  [`/${serviceNames.process}/Process`, { kind: 'bidi_stream', handle }],
];

/** AccessLogService/StreamAccessLogs: nothing depends on it, and Envoy opens a stream that has ended anew. */
export const accessLogService = (handle: ClientStreamMethod['handle']): Rows => [
  [`/${serviceNames.accessLog}/StreamAccessLogs`, { kind: 'client_stream', handle }],
];

/** RateLimitService/ShouldRateLimit. What is wrong with a call ends it with the GrpcError that the handler throws. */
export const rateLimitService = (handle: UnaryMethod['handle']): Rows => [
  [`/${serviceNames.rateLimit}/ShouldRateLimit`, { kind: 'unary', handle }],
];

/** The table of all rows; two of one name are a bug. */
export function joinServices(...services: readonly Rows[]): ServiceTable {
  const rows = services.flat();
  const table = new Map(rows);
  if (table.size !== rows.length) throw new TypeError('a method is served twice');
  return table;
}
