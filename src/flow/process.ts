import { bug, errorName } from '../core/bug.ts';
import type { Clock } from '../core/clock.ts';
import { unlessAborted } from '../core/patience.ts';
import type { Plan } from '../core/plan.ts';
import type { AuditPort, Log, Signals, Tracing } from '../core/ports.ts';
import type { HeadStep, MessageHead, ProcessMessage } from '../core/processing.ts';
import type { Direction, FilterModes } from '../core/processing-mode.ts';
import { fail } from '../core/verdict.ts';
import { denial } from '../wire/denial.ts';
import { fromProcessingRequest, type ProcessingMessage, type ProcessingPart } from '../wire/processing-request.ts';
import { type ProcessingAnswer, toProcessingResponse } from '../wire/processing-response.ts';
import { parseTraceparent } from '../wire/traceparent.ts';
import { openArrangement } from './arrangement.ts';
import { openDeadline } from './deadline.ts';
import { type Exchange, openExchange, recordExchange } from './exchange.ts';
import { askForWhole, noMutation } from './framing.ts';
import { openPassage } from './head.ts';
import type { Answers } from './passage.ts';
import { type Recognized, recognize } from './recognize.ts';

/** What a stream brings along besides its messages. */
interface ProcessCall {
  /** The traceparent of the gRPC metadata: Envoy's own span. */
  readonly traceparent: string | undefined;
  /** Milliseconds for which Envoy waits for each answer. */
  readonly messageTimeoutMs: number;
  /** Aborted when the caller is gone. */
  readonly signal: AbortSignal;
  /** More exchanges are under way than are taken at once. */
  readonly crowded: boolean;
}

/** What the page needs of the rest of the house. */
export interface ProcessDeps {
  readonly plan: () => Plan;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly audit: AuditPort;
  readonly signals: Signals;
  readonly tracing: Tracing;
  readonly log: Log;
}

type Messages = AsyncIterable<Uint8Array>;

/** Serves streams, so many at once; what comes beyond that is refused. */
export function openProcessor(
  deps: ProcessDeps,
  maxStreams = defaultMaxStreams,
): (messages: Messages, call: Omit<ProcessCall, 'crowded'>) => Messages {
  let open = 0;
  const count = (by: 1 | -1): void => {
    open += by;
    deps.signals.streamsOpen(open);
  };
  return async function* (messages, call) {
    count(1);
    try {
      yield* process(messages, { ...call, crowded: open > maxStreams }, deps);
    } finally {
      count(-1);
    }
  };
}

// An exchange lasts as long as its request and its response do, and holds a few KiB.
const defaultMaxStreams = 16_384;

/**
 * Serves one Process stream (envoy.service.ext_proc.v3.ExternalProcessor): the parts of a request and of its response in,
 * what becomes of them out. Whatever goes wrong ends the exchange with a denial. The stream never ends before Envoy ends it,
 * a denial aside: what follows the good end of a stream, Envoy lets pass unseen.
 */
export async function* process(messages: Messages, call: ProcessCall, deps: ProcessDeps): Messages {
  const trace = parseTraceparent(call.traceparent);
  const exchange = openExchange(deps.plan(), deps.newId(), deps.clock.nowMs(), trace);
  try {
    for await (const bytes of messages) {
      const message = fromProcessingRequest(bytes);
      const answers = await answer(message, exchange, call, deps);
      // Whoever only lets us watch takes no answers.
      if (message?.observed !== true) for (const one of answers) yield toProcessingResponse(one);
      if (exchange.over) return;
    }
  } finally {
    record(exchange, deps);
  }
}

/** What becomes of one message; after a refusal it is the last one. Never rejects. */
async function answer(
  message: ProcessingMessage | undefined,
  exchange: Exchange,
  call: ProcessCall,
  deps: ProcessDeps,
): Promise<readonly ProcessingAnswer[]> {
  const start = deps.clock.monotonicMs();
  const leg = exchange.legs[message === undefined ? 'request' : directionOf(message.part)];
  const taken = await attempt(message, exchange, call);
  leg.durationMs += deps.clock.monotonicMs() - start;
  if (!('kind' in taken)) return taken;

  const { id, whose, trail, step } = exchange;
  const rule = whose?.rule.id;
  const shadow = message?.observed === true;
  trail.note(step, taken, { ...(rule !== undefined && { rule }), shadow });
  leg.refusal = taken;
  exchange.over = true;
  const deny = denial(id, rule, taken, {});
  if (!shadow) exchange.denied = deny;
  return [{ kind: 'denial', deny }];
}

async function attempt(
  message: ProcessingMessage | undefined,
  exchange: Exchange,
  { signal, messageTimeoutMs, crowded }: ProcessCall,
): Promise<Answers> {
  if (message === undefined) return undecodable;
  if (crowded) return overloaded;
  try {
    const taken = take(message, exchange);
    // Heads are answered at once: only bodies take time.
    if (!(taken instanceof Promise)) return taken;
    const deadline = openDeadline(signal, messageTimeoutMs, messageTimeoutMs);
    return await unlessAborted(taken, deadline.signal, overdue).finally(deadline.close);
  } catch (error) {
    return bug(error);
  }
}

/** Takes one part through its step. Throws and rejects only for a bug. */
function take(message: ProcessingMessage, exchange: Exchange): Answers | Promise<Answers> {
  const { part } = message;
  if (part.kind === 'request_head') return requestHead(part, message, exchange);
  if (part.kind === 'response_head') return responseHead(part, message, exchange);
  exchange.step = `process_${part.of}`;
  const { passage } = exchange.legs[part.of];
  if (passage === undefined) return headless;
  return part.kind === 'body' ? passage.piece(part.bytes, part.last) : passage.trailers();
}

function requestHead(
  { attributes, endOfStream }: Extract<ProcessingPart, { readonly kind: 'request_head' }>,
  { vouched, modes, observed }: ProcessingMessage,
  exchange: Exchange,
): Answers {
  if (exchange.attributes !== undefined) return repeated;
  exchange.attributes = attributes;
  exchange.id = vouched?.decisionId ?? exchange.id;
  exchange.trace ??= parseTraceparent(attributes.headers.get('traceparent')?.[0]);
  exchange.arrangement = openArrangement(observed ? watching : modes);

  const found = recognize(attributes, exchange.plan, vouched);
  if ('refusal' in found) {
    exchange.step = found.step;
    return found.refusal;
  }
  exchange.whose = found;
  const { request, response } = found.rule.processing;
  if (request !== undefined || response !== undefined) exchange.looked = true;

  const head: MessageHead = { status: undefined, headers: attributes.headers, endOfStream };
  const step = stepOf(request, head, found);
  const asked =
    step.kind === 'refuse' || response === undefined ? step : { ...step, head: askForWhole(step.head, head.headers) };
  return passOn('request', head, asked, exchange);
}

function responseHead(
  { status, headers, endOfStream }: Extract<ProcessingPart, { readonly kind: 'response_head' }>,
  { vouched, modes }: ProcessingMessage,
  exchange: Exchange,
): Answers {
  exchange.step = 'process_response';
  if (exchange.legs.response.passage !== undefined) return repeated;
  const { whose } = exchange;
  const head: MessageHead = { status, headers, endOfStream };
  if (whose !== undefined)
    return passOn('response', head, stepOf(whose.rule.processing.response, head, whose), exchange);
  // Envoy's own answer, in the words of a denial of ours: the request ended before it came this far.
  if (vouched?.reason === undefined || vouched.reason === 'ok') return headless;
  exchange.arrangement = openArrangement(modes);
  return passOn('response', head, skip, exchange);
}

/** Lets a head go on, and opens the way for what follows it. */
function passOn(of: Direction, head: MessageHead, step: HeadStep, exchange: Exchange): Answers {
  exchange.step = `process_${of}`;
  const { arrangement, legs, whose } = exchange;
  const wantsResponse = whose?.rule.processing.response !== undefined;
  const opened = openPassage(of, head, step, (how) =>
    of === 'request' ? arrangement.request(how, wantsResponse) : arrangement.response(how),
  );
  if ('kind' in opened) return opened;
  legs[of].passage = opened.passage;
  legs[of].detail = opened.detail;
  return opened.passage.opening;
}

const stepOf = (process: ProcessMessage | undefined, head: MessageHead, { subject }: Recognized): HeadStep =>
  process === undefined ? skip : process(head, subject);

function record(exchange: Exchange, { audit, signals, tracing, log }: ProcessDeps): void {
  try {
    recordExchange(exchange, { audit, signals, tracing });
  } catch (error) {
    log.error({ error: errorName(error) }, 'an exchange was not recorded');
  }
}

const skip: HeadStep = Object.freeze({ kind: 'skip', head: noMutation, detail: {} });
// Observability mode: pieces come as they are, and nobody waits.
const watching: FilterModes = Object.freeze({ request: 'streamed', response: 'streamed', eager: true });

const undecodable = fail('internal_error', { problem: 'a message of the proxy cannot be decoded' });
const headless = fail('internal_error', { problem: 'the proxy sends a part without the head of its request' });
const repeated = fail('internal_error', { problem: 'the proxy sends a head twice' });
const overdue = fail('deadline_exceeded');
const overloaded = fail('inspection_overloaded', { problem: 'too many exchanges are under way' });

function directionOf(part: ProcessingPart): Direction {
  switch (part.kind) {
    case 'request_head':
      return 'request';
    case 'response_head':
      return 'response';
    default:
      return part.of;
  }
}
