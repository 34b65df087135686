import type { NormalRequest } from '../../core/attributes.ts';
import type { Subject } from '../../core/plan.ts';
import type { Reason } from '../../core/reason.ts';
import { type Detail, type Reject, reject } from '../../core/verdict.ts';
import type { Content, ContentLimits } from '../content/content.ts';
import { formatOf, readContent } from '../content/index.ts';
import { hasNoBody } from '../content/presence.ts';
import type { Reading } from '../reading.ts';
import type { ProtectSpec } from './policy.ts';
import { equivocalForm, looseContent } from './request/loose.ts';

// Nobody has set bounds where only attacks are searched for: these keep a body from costing more than it may.
const limits: ContentLimits = { maxBytes: 16 * 1024 ** 2, maxDepth: 64, maxFields: 20_000, maxParts: 200 };

// What Envoy writes in place of a byte that its text form of a body cannot hold.
const replacement = '!'.charCodeAt(0);

const refuse = (reason: Reason, detail: Detail, headers: Reject['headers'] = []): Reject =>
  reject(reason, { inspection: 'protect', ...detail }, { headers });

/** What is searched of a body, and the refusal that stands whatever is found; neither: there is no body. */
interface SeenBody {
  readonly content: Content | undefined;
  readonly refusal: Reject | undefined;
}

/**
 * The body as the search sees it. A form that is refused because it cannot be read strictly is searched as a lenient server
 * would read it, for an attack says more than the place where the form breaks off; what is refused otherwise has no content.
 * lenient: a form of which servers make one of two readings is searched in both, and not refused for it; and so is a text in
 * which Envoy may have put other characters in place of bytes that are no UTF-8, and JSON with integers of 64 bits.
 */
export function seeBody(
  subject: Subject,
  reading: Reading,
  { lenient, unseenBody }: Pick<ProtectSpec, 'lenient' | 'unseenBody'> = { lenient: false, unseenBody: 'pass' },
): SeenBody {
  if (unseenBody === 'refuse' && reading.content === undefined && isUnseen(subject.request)) {
    const hint = 'Envoy sends bodies only where the filter has with_request_body';
    return { content: undefined, refusal: refuse('body_missing', { hint }) };
  }
  const body = bodyOf(subject, reading, lenient);
  if (body === undefined || !('kind' in body)) return { content: body, refusal: undefined };
  if (body.reason !== 'body_malformed') return { content: undefined, refusal: body };
  const either = lenient ? equivocalForm(subject.request, limits) : undefined;
  if (either !== undefined) return { content: either, refusal: undefined };
  return { content: looseContent(subject.request), refusal: body };
}

/** Whether a body was announced that has not come: nobody knows what it holds. */
const isUnseen = (request: NormalRequest): boolean =>
  (request.attributes.body ?? nothing).length === 0 && !hasNoBody(request);
const nothing = new Uint8Array();

/**
 * The body as it was read strictly: what another inspection has read, or read here by its type; undefined where there is none,
 * or its type says nothing of its format, so that it is searched as one text. What cannot be looked into is refused: a part
 * of a body, an encoded one, one of two types or of another charset than UTF-8, one that is not of its format.
 */
function bodyOf({ request }: Subject, reading: Reading, lenient: boolean): Content | Reject | undefined {
  if (reading.content !== undefined) return reading.content;
  const { body, bodyIsText } = request.attributes;
  if (body === undefined || body.length === 0) return undefined;
  if (!lenient && bodyIsText && body.includes(replacement)) {
    const expose = { pointer: '', problem: 'utf8' };
    const hint = 'Envoy may have changed the body: set with_request_body.pack_as_bytes on the filter';
    return reject('body_malformed', { inspection: 'protect', ...expose, hint }, { expose });
  }
  const values = (name: string): readonly string[] => request.headers.get(name) ?? [];
  if (values('x-envoy-auth-partial-body').some((value) => value !== 'false')) {
    return refuse('body_too_large', { check: 'partial', bytes: body.length });
  }
  if (values('content-encoding').some((value) => value.trim().toLowerCase() !== 'identity')) {
    const headers = [{ name: 'accept-encoding', value: 'identity' }];
    return refuse('media_type_unsupported', { check: 'content-encoding' }, headers);
  }
  const [type, ...others] = values('content-type');
  if (type === undefined) return undefined;
  const format = others.length === 0 ? formatOf(type) : undefined;
  if (format === undefined) return refuse('media_type_unsupported', { check: 'content-type' });
  const read = readContent(format, body, { ...limits, roughNumbers: lenient });
  if (read.ok) {
    reading.content = read.content;
    return read.content;
  }
  const { excess, problem, pointer } = read;
  const expose = { pointer, problem };
  return reject(excess ? 'payload_excessive' : 'body_malformed', { inspection: 'protect', ...expose }, { expose });
}
