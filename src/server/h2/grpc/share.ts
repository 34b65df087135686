import { GrpcError } from '../../grpc-error.ts';

/** What one call holds of the bytes that all calls of a connection may hold together. */
interface Share {
  /** It holds so many now. Throws a GrpcError where that is too much. */
  hold(bytes: number): void;
}

/** A share that holds nothing yet. */
export function openShare(connection: { partialBytes: number; readonly partialLimit: number }): Share {
  let held = 0;
  return {
    hold: (bytes) => {
      connection.partialBytes += bytes - held;
      held = bytes;
      if (bytes > 0 && connection.partialBytes > connection.partialLimit) {
        throw new GrpcError('resource_exhausted', 'too many bytes of messages at once');
      }
    },
  };
}
