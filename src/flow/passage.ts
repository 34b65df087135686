import type { HeaderMap } from '../core/attributes.ts';
import type { HeadMutation } from '../core/processing.ts';
import type { BodyMode, Direction, WantedModes } from '../core/processing-mode.ts';
import { fail, type Refusal, reject } from '../core/verdict.ts';
import type { ProcessingAnswer } from '../wire/processing-response.ts';
import { staleHeaders, statedLength, unframed } from './framing.ts';
import { openReading, type Reading, type ReadStep } from './reading.ts';

/** What a part gets: answers in their order (none: it waits), or a refusal. */
export type Answers = readonly ProcessingAnswer[] | Refusal;

/** One message on its way, from the answer to its head on. */
export interface Passage {
  /** The answer to the head. */
  readonly opening: readonly ProcessingAnswer[];
  piece(bytes: Uint8Array, last: boolean): Answers | Promise<Answers>;
  trailers(): Answers | Promise<Answers>;
  /** Undefined where nobody reads the body. */
  readonly reading: Reading | undefined;
}

/** The head of a message, and how Envoy sends what follows. */
interface Passing {
  readonly of: Direction;
  readonly headers: HeaderMap;
  readonly head: HeadMutation;
  /** What to tell Envoy with the head. */
  readonly modes: WantedModes | undefined;
  readonly delivery: BodyMode;
}

// What Envoy recommends for a piece in full duplex.
const pieceBytes = 64 * 1024;
// What whoever keeps to gRPC's own bound takes in one message, less its other fields.
const mostMessageBytes = 4 * 1024 * 1024 - 64 * 1024;
const nothing = new Uint8Array(0);

const tooLarge: Readonly<Record<Direction, Refusal>> = {
  request: reject('body_too_large', { problem: 'what becomes of the body fits into no message' }),
  response: fail('response_unreadable', { unreadable: 'size' }),
};
const broken = fail('internal_error', { problem: 'the proxy sends more of a body that has ended' });
const cut = fail('inspection_failed', { problem: 'the proxy sends only a part of the body' });
const stuck = fail('inspection_failed', {
  problem: 'the body ends with trailers, and its rest cannot go on before them',
});

/** A message whose body is nobody's business: whatever comes goes on as it is. */
export function openUnread({ of, head, modes, delivery }: Passing): Passage {
  return {
    opening: [{ kind: 'head', of, head, modes }],
    piece: (bytes, last) =>
      delivery === 'duplex' ? pieces(of, bytes, last) : [{ kind: 'body', of, change: undefined }],
    trailers: () => [{ kind: 'trailers', of }],
    reading: undefined,
  };
}

/** A message whose body is read. In full duplex the head of a body that is read as a whole waits for it, as BUFFERED has it. */
export function openRead(passing: Passing, step: ReadStep): Passage {
  const { of, headers, head, modes, delivery } = passing;
  const reading = openReading(step);
  const headWaits = delivery === 'duplex' && step.how === 'whole';
  const leavesEarly = delivery === 'streamed' || delivery === 'duplex';
  const opening: ProcessingAnswer = {
    kind: 'head',
    of,
    head: leavesEarly && step.mayChange ? unframed(head, headers) : head,
    modes,
  };
  let over = false;

  const onward = (came: Uint8Array, goes: Uint8Array, last: boolean): Answers => {
    if (delivery === 'duplex') return pieces(of, goes, last);
    if (leavesEarly ? goes === came : !reading.changed()) return [{ kind: 'body', of, change: undefined }];
    if (goes.length > mostMessageBytes) return tooLarge[of];
    if (leavesEarly) return [{ kind: 'body', of, change: { bytes: goes, remove: [], contentLength: undefined } }];
    const contentLength = statedLength(headers) === undefined ? undefined : goes.length;
    return [{ kind: 'body', of, change: { bytes: goes, remove: staleHeaders(headers), contentLength } }];
  };
  const piece = async (bytes: Uint8Array, last: boolean): Promise<Answers> => {
    if (over) return broken;
    if (delivery === 'partial' && !last) return cut;
    // BUFFERED: this is all of it, even where trailers follow.
    over = last || delivery === 'buffered';
    const taken = await reading.push(bytes, over);
    if (taken.kind === 'refuse') return taken.refusal;
    if (headWaits && !over) return [];
    const answers = onward(bytes, taken.bytes, last);
    return headWaits && !('kind' in answers) ? [opening, ...answers] : answers;
  };
  const trailers = async (): Promise<Answers> => {
    const answer: ProcessingAnswer = { kind: 'trailers', of };
    if (over) return [answer];
    over = true;
    const rest = await reading.push(nothing, true);
    if (rest.kind === 'refuse') return rest.refusal;
    if (delivery !== 'duplex') return rest.bytes.length === 0 ? [answer] : stuck;
    const left = rest.bytes.length === 0 ? [] : pieces(of, rest.bytes, false);
    return [...(headWaits ? [opening] : []), ...left, answer];
  };
  return { opening: headWaits ? [] : [opening], piece, trailers, reading };
}

// At least one, also where nothing goes on yet: Envoy's clock runs until it has an answer.
function pieces(of: Direction, bytes: Uint8Array, last: boolean): readonly ProcessingAnswer[] {
  const answers: ProcessingAnswer[] = [];
  let at = 0;
  do {
    const end = at + pieceBytes;
    answers.push({ kind: 'piece', of, bytes: bytes.subarray(at, end), last: last && end >= bytes.length });
    at = end;
  } while (at < bytes.length);
  return answers;
}
