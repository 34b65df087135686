import type { NormalRequest } from '../../core/attributes.ts';
import type { HeaderMutation } from '../../core/decision.ts';
import type { Reason } from '../../core/reason.ts';
import { type Detail, type Reject, reject } from '../../core/verdict.ts';
import type { BodyFormat } from '../content/content.ts';
import { formatOf } from '../content/format.ts';

/** What a body may be before anybody reads it. */
interface BodyBounds {
  readonly maxBytes: number;
  readonly accepts: (mediaType: string) => boolean;
  /** The media types for the Accept header of a refusal. */
  readonly listed: readonly string[];
}

/** A whole body that may be read, and how. */
interface Admitted {
  readonly bytes: Uint8Array;
  readonly body: BodyFormat;
}

// What Envoy writes in place of a byte that its text form of a body cannot hold.
const replacement = '!'.charCodeAt(0);

/** A refusal of a body as a whole. */
export const refuse = (reason: Reason, detail: Detail, headers: readonly HeaderMutation[] = []): Reject =>
  reject(reason, { inspection: 'payload', ...detail }, { headers });

const refuseMalformed = (problem: string, detail: Detail): Reject =>
  reject('body_malformed', { inspection: 'payload', ...detail }, { expose: { pointer: '', problem } });

/** Why a body that is missing, incomplete or too large cannot be looked at; undefined: its bytes are all there. */
function checkBytes({ attributes, headers }: NormalRequest, maxBytes: number): Reject | undefined {
  const { body, bodyIsText } = attributes;
  if (body === undefined || body.length === 0) {
    return refuse('body_missing', { hint: 'Envoy sends bodies only where the filter has with_request_body' });
  }
  if (bodyIsText && body.includes(replacement)) {
    return refuseMalformed('utf8', {
      hint: 'Envoy may have changed the body: set with_request_body.pack_as_bytes on the filter',
    });
  }
  // Envoy writes true or false; whatever else stands there, or beside it, is not Envoy's word that all is there.
  if (headers.get('x-envoy-auth-partial-body')?.some((value) => value !== 'false')) {
    return refuse('body_too_large', { check: 'partial', bytes: body.length });
  }
  return body.length > maxBytes ? refuse('body_too_large', { check: 'size', bytes: body.length, maxBytes }) : undefined;
}

function checkLength(lengths: readonly string[], body: Uint8Array): Reject | undefined {
  const [length] = lengths;
  if (length === undefined) return undefined;
  const announced = lengths.length === 1 && /^[0-9]{1,15}$/.test(length) ? Number(length) : undefined;
  if (announced === body.length) return undefined;
  const detail = { check: 'content-length', bytes: body.length };
  if (announced !== undefined && announced > body.length) return refuse('body_too_large', detail);
  return refuseMalformed('length', detail);
}

/**
 * Checks a body as a whole: there, complete (Envoy's x-envoy-auth-partial-body), within its bound, not encoded (RFC 9110
 * section 8.4), of one accepted media type in UTF-8, and as long as content-length says.
 */
export function admit(request: NormalRequest, { maxBytes, accepts, listed }: BodyBounds): Admitted | Reject {
  const refused = checkBytes(request, maxBytes);
  if (refused !== undefined) return refused;
  const bytes = request.attributes.body ?? new Uint8Array();
  const values = (name: string): readonly string[] => request.headers.get(name) ?? [];
  if (values('content-encoding').some((value) => value.trim().toLowerCase() !== 'identity')) {
    const headers = [{ name: 'accept-encoding', value: 'identity' }];
    return refuse('media_type_unsupported', { check: 'content-encoding' }, headers);
  }
  const types = values('content-type');
  const body = types.length === 1 ? formatOf(types[0] ?? '') : undefined;
  if (body === undefined || !accepts(body.mediaType)) {
    const headers = listed.length === 0 ? [] : [{ name: 'accept', value: listed.join(', ') }];
    return refuse('media_type_unsupported', { check: 'content-type' }, headers);
  }
  return checkLength(values('content-length'), bytes) ?? { bytes, body };
}
