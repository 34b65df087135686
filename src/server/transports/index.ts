import { http2 } from '../h2/listen.ts';
import type { Transport } from '../transport.ts';
import { grpcJs } from './grpc-js.ts';

/** Every way to serve gRPC, by the name that listen.grpc.transport takes. */
export const transports = { 'grpc-js': grpcJs, http2 } as const satisfies Record<string, Transport>;
