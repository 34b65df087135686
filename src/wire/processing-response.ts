import type { Deny, HeaderMutation } from '../core/decision.ts';
import type { HeadMutation } from '../core/processing.ts';
import type { Direction, WantedModes } from '../core/processing-mode.ts';
import { type HeaderValueOption, HeaderValueOption_HeaderAppendAction } from './gen/envoy/config/core/v3/base.ts';
import {
  ProcessingMode_BodySendMode as BodySendMode,
  ProcessingMode_HeaderSendMode as HeaderSendMode,
  type ProcessingMode,
} from './gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode.ts';
import {
  type BodyMutation,
  type CommonResponse,
  ProcessingResponse,
  CommonResponse_ResponseStatus as ResponseStatus,
  type HeaderMutation as WireMutation,
} from './gen/envoy/service/ext_proc/v3/external_processor.ts';
import { headersProblem, soundHeaders } from './header-limits.ts';
import { statusCode } from './http-status.ts';

/** What becomes of one part. */
export type ProcessingAnswer =
  /** The head goes on. Modes: which parts are wanted from now on; undefined: the ones that were. */
  | {
      readonly kind: 'head';
      readonly of: Direction;
      readonly head: HeadMutation;
      readonly modes: WantedModes | undefined;
    }
  /** The body or its piece goes on, as it came or as these bytes. */
  | { readonly kind: 'body'; readonly of: Direction; readonly change: BodyChange | undefined }
  /** One of any number of pieces goes on: full duplex. */
  | { readonly kind: 'piece'; readonly of: Direction; readonly bytes: Uint8Array; readonly last: boolean }
  | { readonly kind: 'trailers'; readonly of: Direction }
  /** The exchange ends here. */
  | { readonly kind: 'denial'; readonly deny: Deny };

/** Other bytes in a body's place, and what that means for the head, if it still waits. */
interface BodyChange {
  readonly bytes: Uint8Array;
  readonly remove: readonly string[];
  /** The header that frames the message anew; undefined: the head has left, or states no length. */
  readonly contentLength: number | undefined;
}

/** Why Envoy could not carry out a mutation (see allowProblem); undefined when it can. */
export const mutationProblem = ({ set }: HeadMutation): string | undefined => headersProblem(set);

/** The bytes of an envoy.service.ext_proc.v3.ProcessingResponse. */
export function toProcessingResponse(answer: ProcessingAnswer): Uint8Array {
  switch (answer.kind) {
    case 'head': {
      const { of, head, modes } = answer;
      const response = { response: { ...proceed, headerMutation: mutationOf(head) } };
      const override = modes && overrideOf(modes);
      return of === 'request'
        ? encoded({ $case: 'requestHeaders', value: response }, override)
        : encoded({ $case: 'responseHeaders', value: response }, override);
    }
    case 'body':
      return bodyAnswer(answer.of, answer.change === undefined ? proceed : changed(answer.change));
    case 'piece': {
      const { of, bytes, last } = answer;
      const value = { body: bufferOf(bytes), endOfStream: last };
      return bodyAnswer(of, withBody({ $case: 'streamedResponse', value }));
    }
    case 'trailers': {
      const value = { headerMutation: undefined };
      return encoded({ $case: answer.of === 'request' ? 'requestTrailers' : 'responseTrailers', value });
    }
    case 'denial':
      return immediate(answer.deny);
    default:
      return answer satisfies never;
  }
}

const encoded = (response: ProcessingResponse['response'], modeOverride?: ProcessingMode): Uint8Array =>
  ProcessingResponse.encode({ response, modeOverride }).finish();

const bodyAnswer = (of: Direction, response: CommonResponse): Uint8Array =>
  encoded({ $case: of === 'request' ? 'requestBody' : 'responseBody', value: { response } });

const proceed: CommonResponse = Object.freeze({
  status: ResponseStatus.CONTINUE,
  headerMutation: undefined,
  bodyMutation: undefined,
  clearRouteCache: false,
});

const withBody = (mutation: BodyMutation['mutation']): CommonResponse => ({ ...proceed, bodyMutation: { mutation } });

function changed({ bytes, remove, contentLength }: BodyChange): CommonResponse {
  const body = withBody(
    bytes.length === 0 ? { $case: 'clearBody', value: true } : { $case: 'body', value: bufferOf(bytes) },
  );
  const length = contentLength === undefined ? [] : [{ name: 'content-length', value: String(contentLength) }];
  return { ...body, headerMutation: wireMutation(length, remove) };
}

function mutationOf({ set, remove, path }: HeadMutation): WireMutation | undefined {
  return wireMutation(path === undefined ? set : [{ name: ':path', value: path }, ...set], remove);
}

const wireMutation = (set: readonly HeaderMutation[], remove: readonly string[]): WireMutation | undefined =>
  set.length === 0 && remove.length === 0
    ? undefined
    : { setHeaders: set.map(headerOption), removeHeaders: [...remove] };

const { APPEND_IF_EXISTS_OR_ADD, OVERWRITE_IF_EXISTS_OR_ADD } = HeaderValueOption_HeaderAppendAction;

// Here Envoy looks at the raw value alone, and an older one at the older form of the action alone.
const headerOption = ({ name, value, append }: HeaderMutation): HeaderValueOption => ({
  header: { key: name, value: '', rawValue: Buffer.from(value) },
  append: append === true,
  appendAction: append === true ? APPEND_IF_EXISTS_OR_ADD : OVERWRITE_IF_EXISTS_OR_ADD,
  keepEmptyValue: true,
});

function immediate({ status, headers, body, reason }: Deny): Uint8Array {
  const value = {
    status: { code: statusCode(status) },
    headers: wireMutation(soundHeaders(headers), []),
    body: Buffer.from(body),
    details: `portcullis_${reason}`,
  };
  return encoded({ $case: 'immediateResponse', value });
}

// Every mode is spelled out: what is left open would fall back to the filter's config.
const overrideOf = ({ request, responseHead, response }: WantedModes): ProcessingMode => ({
  requestHeaderMode: HeaderSendMode.DEFAULT,
  responseHeaderMode: responseHead ? HeaderSendMode.SEND : HeaderSendMode.SKIP,
  requestBodyMode: bodyModes[request],
  responseBodyMode: bodyModes[response],
  // A body in pieces ends with its trailers, if it has any.
  requestTrailerMode: request === 'streamed' ? HeaderSendMode.SEND : HeaderSendMode.SKIP,
  responseTrailerMode: response === 'streamed' ? HeaderSendMode.SEND : HeaderSendMode.SKIP,
});

const bodyModes = {
  none: BodySendMode.NONE,
  streamed: BodySendMode.STREAMED,
  buffered: BodySendMode.BUFFERED,
} as const satisfies Record<WantedModes['request'], BodySendMode>;

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
