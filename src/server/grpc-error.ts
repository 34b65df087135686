/** The status codes of gRPC that we answer with. */
export const grpcCodes = Object.freeze({
  cancelled: 1,
  unknown: 2,
  invalid_argument: 3,
  deadline_exceeded: 4,
  not_found: 5,
  resource_exhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const);

/** A handler's way to end a call with a gRPC status instead of a message; the text reaches the caller. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';
  readonly code: number;

  constructor(code: keyof typeof grpcCodes, message: string) {
    super(message);
    this.code = grpcCodes[code];
  }
}
