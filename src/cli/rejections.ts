import type { Log } from '../core/ports.ts';
import { describeBug } from '../server/answer.ts';

/**
 * Logs promises that are rejected while nobody looks, and lets the process live: such a bug is no reason to leave Envoy
 * without answers. Gives the function that ends it.
 */
export function surviveRejections(log: Log): () => void {
  const tell = (reason: unknown): void => log.error(describeBug(reason), 'a promise was rejected and nobody looked');
  process.on('unhandledRejection', tell);
  return () => void process.off('unhandledRejection', tell);
}
