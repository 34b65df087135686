import type { HeaderMutation } from '../core/decision.ts';
import type { Subject } from '../core/plan.ts';
import type { Reason } from '../core/reason.ts';
import { type Detail, type Reject, reject } from '../core/verdict.ts';
import { mediaTypeList, parseMediaType } from './content/media-type.ts';

/** What a body may be before anybody reads it. */
interface BodyBounds {
  readonly maxBytes: number;
  readonly contentTypes: readonly string[];
}

// What Envoy writes in place of a byte that its text form of a body cannot hold.
const replacement = '!'.charCodeAt(0);

/** The whole body, or why it is refused unread. */
type Admission = Uint8Array | Reject;

const refuse = (reason: Reason, detail: Detail, headers: readonly HeaderMutation[] = []): Reject =>
  reject(reason, { inspection: 'payload', ...detail }, { headers });

/**
 * Compiles the checks of a body as a whole: there, complete (Envoy's x-envoy-auth-partial-body), within its bound, not
 * encoded (RFC 9110 section 8.4), of an accepted media type in UTF-8, and as long as content-length says.
 */
export function buildAdmission(bounds: BodyBounds): (subject: Subject) => Admission {
  const accepts = mediaTypeList(bounds.contentTypes);
  const acceptHeaders = [{ name: 'accept', value: bounds.contentTypes.join(', ') }];
  const encodingHeaders = [{ name: 'accept-encoding', value: 'identity' }];
  return ({ request }) => {
    const { body } = request.attributes;
    const values = (name: string): readonly string[] => request.headers.get(name) ?? [];
    if (body === undefined || body.length === 0) {
      return refuse('body_missing', { hint: 'Envoy sends bodies only where the filter has with_request_body' });
    }
    if (request.attributes.bodyIsText && body.includes(replacement)) {
      const hint = 'Envoy may have changed the body: set with_request_body.pack_as_bytes on the filter';
      return reject('body_malformed', { inspection: 'payload', hint }, { expose: { pointer: '', problem: 'utf8' } });
    }
    // Envoy writes true or false; whatever else stands there, or beside it, is not Envoy's word that all is there.
    if (values('x-envoy-auth-partial-body').some((value) => value !== 'false')) {
      return refuse('body_too_large', { check: 'partial', bytes: body.length });
    }
    if (body.length > bounds.maxBytes) {
      return refuse('body_too_large', { check: 'size', bytes: body.length, maxBytes: bounds.maxBytes });
    }
    if (values('content-encoding').some((value) => value.trim().toLowerCase() !== 'identity')) {
      return refuse('media_type_unsupported', { check: 'content-encoding' }, encodingHeaders);
    }
    const types = values('content-type');
    const type = types.length === 1 ? parseMediaType(types[0] ?? '')?.type : undefined;
    if (type === undefined || !accepts(type)) {
      return refuse('media_type_unsupported', { check: 'content-type' }, acceptHeaders);
    }
    return checkLength(values('content-length'), body) ?? body;
  };
}

function checkLength(lengths: readonly string[], body: Uint8Array): Reject | undefined {
  const [length] = lengths;
  if (length === undefined) return undefined;
  const announced = lengths.length === 1 && /^[0-9]{1,15}$/.test(length) ? Number(length) : undefined;
  if (announced === body.length) return undefined;
  const detail = { check: 'content-length', bytes: body.length };
  if (announced !== undefined && announced > body.length) return refuse('body_too_large', detail);
  return reject('body_malformed', { inspection: 'payload', ...detail }, { expose: { pointer: '', problem: 'length' } });
}
