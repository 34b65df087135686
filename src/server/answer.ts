import { errorName } from '../core/bug.ts';
import type { Log } from '../core/ports.ts';
import { GrpcError } from './grpc-error.ts';
import type { Call, UnaryMethod } from './transport.ts';

/** How a call ends: with a message or with a status. */
type Answer =
  | { readonly kind: 'message'; readonly message: Uint8Array }
  | { readonly kind: 'error'; readonly error: GrpcError };

/** The answer of a unary method, the same on every transport. Never rejects. */
export async function answer(
  name: string,
  method: UnaryMethod,
  message: Uint8Array,
  call: Call,
  log: Log,
): Promise<Answer> {
  try {
    return { kind: 'message', message: await method.handle(message, call) };
  } catch (error) {
    if (error instanceof GrpcError) return { kind: 'error', error };
    const failure = bugOf(name, error, log);
    try {
      return method.onBug === undefined ? failure : { kind: 'message', message: method.onBug() };
    } catch {
      return failure;
    }
  }
}

/** The status of whatever a handler threw; a bug is logged, and its text stays inside. */
export const errorOf = (name: string, error: unknown, log: Log): GrpcError =>
  error instanceof GrpcError ? error : bugOf(name, error, log).error;

/** What a log may tell of a bug: its name and where it happened. Its message may hold what a caller sent. */
export function describeBug(error: unknown): { readonly error: string; readonly at: readonly string[] } {
  const frames = error instanceof Error ? error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) : undefined;
  return { error: errorName(error), at: frames?.map((line) => line.trim()) ?? [] };
}

function bugOf(name: string, error: unknown, log: Log): { readonly kind: 'error'; readonly error: GrpcError } {
  log.error({ method: name, ...describeBug(error) }, 'a handler failed');
  return { kind: 'error', error: new GrpcError('internal', 'internal error') };
}
