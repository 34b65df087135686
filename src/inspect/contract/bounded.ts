import type { Reject, Verdict } from '../../core/verdict.ts';
import { unreadable } from './refusals.ts';

const stackOverflow: Reject = unreadable({ ok: false, excess: true, problem: 'depth', pointer: '' });

/** Runs a check. What needs more stack than there is, by a schema or a document that leads into itself, is the payload's excess. */
export function withinStack(check: () => Verdict): Verdict {
  try {
    return check();
  } catch (error) {
    if (error instanceof RangeError && /call stack/i.test(error.message)) return stackOverflow;
    throw error;
  }
}
