import { type Attributes, type Peer, singleHeader } from '../core/attributes.ts';
import { passWith, type Reject, reject, type Verdict } from '../core/verdict.ts';
import { decoded } from './decoding.ts';
import type {
  AttributeContext_HttpRequest,
  AttributeContext_Peer,
} from './gen/envoy/service/auth/v3/attribute_context.ts';
import { CheckRequest } from './gen/envoy/service/auth/v3/external_auth.ts';
import { readHeaders } from './request-headers.ts';

/**
 * The attributes in the bytes of an envoy.service.auth.v3.CheckRequest. Never throws: bytes that are not protobuf, a call
 * without an HTTP request and pseudo headers that contradict the request's own fields are rejected as call_undecodable.
 */
export function fromCheckRequest(bytes: Uint8Array): Verdict<Attributes> {
  const request = decoded(CheckRequest, bytes);
  if (request === undefined) return undecodable('not_protobuf');
  const context = request.attributes;
  const http = context?.request?.http;
  if (http === undefined) return undecodable('no_http_request');
  const { headers, pseudo } = readHeaders(http);
  if (pseudo.some(([name, value]) => contradicts(http, name, value))) return undecodable('pseudo_header_contradicts');
  return passWith({
    source: peerOf(context?.source),
    destination: peerOf(context?.destination),
    method: http.method,
    scheme: http.scheme,
    host: http.host,
    path: http.path,
    protocol: http.protocol,
    headers,
    body: bodyOf(http),
    ...(http.rawBody.length === 0 && http.body !== '' && { bodyIsText: true as const }),
    requestId: singleHeader(headers, 'x-request-id') ?? '',
    contextExtensions: context?.contextExtensions ?? new Map(),
  });
}

const undecodable = (why: string): Reject => reject('call_undecodable', { why });

// The fields and the pseudo headers come from one request: where they differ, we would judge one and the upstream get the other.
function contradicts(http: AttributeContext_HttpRequest, name: string, value: string): boolean {
  switch (name) {
    case ':method':
      return value !== http.method;
    case ':authority':
      return value !== http.host;
    case ':path':
      return value !== http.path;
    default:
      return false;
  }
}

// proto3 cannot tell an empty body from none: a GET under with_request_body comes with an empty one.
function bodyOf(http: AttributeContext_HttpRequest): Uint8Array | undefined {
  if (http.rawBody.length > 0) return http.rawBody;
  return http.body === '' ? undefined : Buffer.from(http.body);
}

function peerOf(peer: AttributeContext_Peer | undefined): Peer {
  const { principal = '', certificate = '' } = peer ?? {};
  const place = peer?.address?.address;
  if (place?.$case !== 'socketAddress') return { address: '', port: 0, principal, certificate };
  const { address, portSpecifier } = place.value;
  return { address, port: portSpecifier?.$case === 'portValue' ? portSpecifier.value : 0, principal, certificate };
}
