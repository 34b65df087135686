import type { HeadMutation, HeadStep, MessageHead } from '../core/processing.ts';
import type { Direction } from '../core/processing-mode.ts';
import { type Detail, fail, type Refusal } from '../core/verdict.ts';
import { mutationProblem } from '../wire/processing-response.ts';
import type { Arranged, How } from './arrangement.ts';
import { statedLength, unframed } from './framing.ts';
import { openRead, openUnread, type Passage } from './passage.ts';

/** A head that may go on. */
interface Opened {
  readonly passage: Passage;
  readonly detail: Detail;
}

const unsent = fail('inspection_failed', { problem: 'the ext_proc filter is not configured to send the body' });
const partial = fail('response_unreadable', { problem: 'the response is a part of what may be changed as a whole' });
const partialContent = 206;

/** Opens the passage of a message whose head a rule has looked at, or refuses it. */
export function openPassage(
  of: Direction,
  message: MessageHead,
  step: HeadStep,
  arrange: (how: How) => Arranged,
): Opened | Refusal {
  if (step.kind === 'refuse') return step.refusal;
  const problem = mutationProblem(step.head);
  if (problem !== undefined) return fail('internal_error', { problem });
  const { headers, endOfStream, status } = message;
  const unread = (head: HeadMutation, detail: Detail): Opened => ({
    passage: openUnread({ of, headers, head, ...arrange(undefined) }),
    detail,
  });
  if (step.kind === 'skip') return unread(step.head, step.detail);
  const { head, how, mayChange, maxBytes, tooLarge } = step;
  // HEAD, 204 and 304 speak of a body that would have been changed; a request without a body has none to speak of.
  if (endOfStream) return unread(mayChange && of === 'response' ? unframed(head, headers) : head, {});
  if (status === partialContent && mayChange) return partial;
  if ((statedLength(headers) ?? 0) > maxBytes) {
    if (tooLarge !== undefined) return tooLarge;
    if (how === 'whole') return unread(head, { unseen: true });
  }
  const arranged = arrange(how);
  if (arranged.delivery === 'none') return unsent;
  return { passage: openRead({ of, headers, head, ...arranged }, step), detail: {} };
}
