import { fromHealthCheckRequest, type Health, toHealthCheckResponse } from '../wire/health.ts';
import { GrpcError } from './grpc-error.ts';
import type { Readiness } from './readiness.ts';
import type { Call, Method } from './transport.ts';

/** The methods of grpc.health.v1.Health. The empty name is the whole server, and every service is as ready as it is. */
export function healthService(
  readiness: Readiness,
  services: readonly string[],
): readonly (readonly [string, Method])[] {
  const known = new Set(['', ...services]);
  const healthOf = (service: string): Health => {
    if (!known.has(service)) return 'service_unknown';
    return readiness.ready() ? 'serving' : 'not_serving';
  };
  const check = async (message: Uint8Array): Promise<Uint8Array> => {
    const health = healthOf(serviceOf(message));
    if (health === 'service_unknown') throw new GrpcError('not_found', 'the service is not known');
    return toHealthCheckResponse(health);
  };
  async function* watch(message: Uint8Array, { signal }: Call): AsyncIterable<Uint8Array> {
    const service = serviceOf(message);
    const bell = openBell(readiness, signal);
    try {
      for (let told: Health | undefined; !signal.aborted; await bell.rung()) {
        const health = healthOf(service);
        if (health === told) continue;
        told = health;
        yield toHealthCheckResponse(health);
      }
    } finally {
      bell.close();
    }
  }
  return [
    ['/grpc.health.v1.Health/Check', { kind: 'unary', handle: check }],
    ['/grpc.health.v1.Health/Watch', { kind: 'server_stream', handle: watch }],
  ];
}

function serviceOf(message: Uint8Array): string {
  const service = fromHealthCheckRequest(message);
  if (service === undefined) throw new GrpcError('invalid_argument', 'the request cannot be decoded');
  return service;
}

// A change while nobody waits is not lost: the next wait ends at once.
function openBell(readiness: Readiness, signal: AbortSignal): { rung(): Promise<void>; close(): void } {
  let { promise, resolve } = Promise.withResolvers<void>();
  const ring = (): void => resolve();
  const unsubscribe = readiness.subscribe(ring);
  signal.addEventListener('abort', ring);
  return {
    rung: async () => {
      await promise;
      ({ promise, resolve } = Promise.withResolvers<void>());
    },
    close: () => {
      unsubscribe();
      signal.removeEventListener('abort', ring);
    },
  };
}
