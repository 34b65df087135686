import { type Attributes, type HeaderMap, type Peer, singleHeader } from '../core/attributes.ts';
import type { BodyMode, Direction, FilterModes } from '../core/processing-mode.ts';
import type { Vouched } from '../core/vouched.ts';
import { decoded } from './decoding.ts';
import { ProcessingMode_BodySendMode as BodySendMode } from './gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode.ts';
import {
  type HttpHeaders,
  ProcessingRequest,
  type ProtocolConfiguration,
} from './gen/envoy/service/ext_proc/v3/external_processor.ts';
import { headerEntry, sortHeaders } from './header-map.ts';
import { type FilterFields, textOf, vouchedOf } from './metadata.ts';

/** One part of an exchange on its way. */
export type ProcessingPart =
  | { readonly kind: 'request_head'; readonly attributes: Attributes; readonly endOfStream: boolean }
  | {
      readonly kind: 'response_head';
      readonly status: number;
      readonly headers: HeaderMap;
      readonly endOfStream: boolean;
    }
  /** Last: neither more of the body nor trailers follow. */
  | { readonly kind: 'body'; readonly of: Direction; readonly bytes: Uint8Array; readonly last: boolean }
  | { readonly kind: 'trailers'; readonly of: Direction };

/** A message of the stream, in our words. */
export interface ProcessingMessage {
  readonly part: ProcessingPart;
  /** Undefined where Envoy forwards nothing of ext_authz. */
  readonly vouched: Vouched | undefined;
  /** Undefined in all messages but the first, and from an Envoy that does not tell. */
  readonly modes: FilterModes | undefined;
  /** Answers are ignored: Envoy only wants us to see. */
  readonly observed: boolean;
}

/**
 * The part in the bytes of an envoy.service.ext_proc.v3.ProcessingRequest; undefined when they are not protobuf, hold no
 * part that we know, or a head without its pseudo headers. Never throws.
 */
export function fromProcessingRequest(bytes: Uint8Array): ProcessingMessage | undefined {
  const message = decoded(ProcessingRequest, bytes);
  const part = message && partOf(message);
  if (message === undefined || part === undefined) return undefined;
  return {
    part,
    vouched: vouchedOf(message.metadataContext?.filterMetadata),
    modes: message.protocolConfig && modesOf(message.protocolConfig),
    observed: message.observabilityMode,
  };
}

function partOf({ request, attributes }: ProcessingRequest): ProcessingPart | undefined {
  switch (request?.$case) {
    case 'requestHeaders':
      return requestHead(request.value, sourceOf(attributes));
    case 'responseHeaders':
      return responseHead(request.value);
    case 'requestBody':
      return { kind: 'body', of: 'request', bytes: request.value.body, last: request.value.endOfStream };
    case 'responseBody':
      return { kind: 'body', of: 'response', bytes: request.value.body, last: request.value.endOfStream };
    case 'requestTrailers':
      return { kind: 'trailers', of: 'request' };
    case 'responseTrailers':
      return { kind: 'trailers', of: 'response' };
    case undefined:
      return undefined;
    default:
      return request satisfies never;
  }
}

/** Pseudo headers by name; undefined when one stands twice. */
function headOf(message: HttpHeaders) {
  const { headers, pseudo } = sortHeaders((message.headers?.headers ?? []).map(headerEntry));
  const named = new Map(pseudo);
  return named.size === pseudo.length ? { headers, pseudo: named } : undefined;
}

function requestHead(message: HttpHeaders, source: Peer): ProcessingPart | undefined {
  const head = headOf(message);
  const method = head?.pseudo.get(':method');
  const path = head?.pseudo.get(':path');
  if (head === undefined || method === undefined || path === undefined) return undefined;
  const { headers, pseudo } = head;
  const attributes: Attributes = {
    source,
    destination: nobody,
    method,
    scheme: pseudo.get(':scheme') ?? '',
    host: pseudo.get(':authority') ?? '',
    path,
    protocol: '',
    headers,
    body: undefined,
    requestId: singleHeader(headers, 'x-request-id') ?? '',
    contextExtensions: new Map(),
  };
  return { kind: 'request_head', attributes, endOfStream: message.endOfStream };
}

function responseHead(message: HttpHeaders): ProcessingPart | undefined {
  const head = headOf(message);
  const status = head?.pseudo.get(':status') ?? '';
  if (head === undefined || !/^[1-9]\d\d$/.test(status)) return undefined;
  const { headers } = head;
  return { kind: 'response_head', status: Number(status), headers, endOfStream: message.endOfStream };
}

const nobody: Peer = Object.freeze({ address: '', port: 0, principal: '', certificate: '' });

/** The peer in the attribute source.address, "1.2.3.4:5" or "[::1]:5"; nobody where the filter does not send it. */
function sourceOf(attributes: FilterFields): Peer {
  const text = textOf(attributes, 'envoy.filters.http.ext_proc', 'source.address') ?? '';
  const [, bare, bracketed, port] = /^(?:([^:[\]]+)|\[([^[\]]+)\]):(\d{1,5})$/.exec(text) ?? [];
  const address = bare ?? bracketed;
  return address === undefined ? nobody : { ...nobody, address, port: Number(port) };
}

const modesOf = (config: ProtocolConfiguration): FilterModes => ({
  request: bodyMode(config.requestBodyMode),
  response: bodyMode(config.responseBodyMode),
  eager: config.sendBodyWithoutWaitingForHeaderResponse,
});

function bodyMode(mode: BodySendMode): BodyMode {
  switch (mode) {
    case BodySendMode.STREAMED:
      return 'streamed';
    case BodySendMode.BUFFERED:
      return 'buffered';
    case BodySendMode.BUFFERED_PARTIAL:
      return 'partial';
    case BodySendMode.FULL_DUPLEX_STREAMED:
      return 'duplex';
    default:
      // A mode of which we know nothing sends nothing that we could answer.
      return 'none';
  }
}
