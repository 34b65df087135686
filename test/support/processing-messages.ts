import type { Direction } from '../../src/core/processing-mode.ts';
import {
  type ProcessingMode,
  ProcessingMode_BodySendMode,
} from '../../src/wire/gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode.ts';
import {
  type BodyMutation,
  type HeaderMutation,
  ProcessingRequest,
  ProcessingResponse,
} from '../../src/wire/gen/envoy/service/ext_proc/v3/external_processor.ts';

type Headers = Readonly<Record<string, string | readonly string[]>>;

/** What a test says of the head of a request. */
export interface RequestHeadParts {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly headers?: Headers;
  readonly endOfStream?: boolean;
  /** What ext_authz was told. */
  readonly vouched?: Readonly<Record<string, unknown>>;
  /** source.address. */
  readonly source?: string;
  readonly modes?: {
    readonly request?: keyof typeof ProcessingMode_BodySendMode;
    readonly response?: keyof typeof ProcessingMode_BodySendMode;
    readonly eager?: boolean;
  };
  readonly observed?: boolean;
}

const headerMap = (pseudo: Headers, headers: Headers) => ({
  headers: Object.entries({ ...pseudo, ...headers }).flatMap(([key, values]) =>
    [values].flat().map((value) => ({ key, value: '', rawValue: Buffer.from(value) })),
  ),
});

const encoded = (
  request: ProcessingRequest['request'],
  { vouched, source, modes, observed = false }: RequestHeadParts = {},
): Uint8Array =>
  ProcessingRequest.encode({
    request,
    metadataContext: vouched && {
      filterMetadata: new Map([['envoy.filters.http.ext_authz', vouched]]),
      typedFilterMetadata: new Map(),
    },
    attributes:
      source === undefined ? new Map() : new Map([['envoy.filters.http.ext_proc', { 'source.address': source }]]),
    observabilityMode: observed,
    protocolConfig: modes && {
      requestBodyMode: ProcessingMode_BodySendMode[modes.request ?? 'NONE'],
      responseBodyMode: ProcessingMode_BodySendMode[modes.response ?? 'NONE'],
      sendBodyWithoutWaitingForHeaderResponse: modes.eager ?? false,
    },
  }).finish();

/** The head of a request as Envoy sends it: a POST of /orders on localhost. */
export function requestHead(parts: RequestHeadParts = {}): Uint8Array {
  const { method = 'POST', path = '/orders', host = 'localhost', headers = {}, endOfStream = false } = parts;
  const pseudo = { ':method': method, ':path': path, ':authority': host, ':scheme': 'https' };
  return encoded({ $case: 'requestHeaders', value: { headers: headerMap(pseudo, headers), endOfStream } }, parts);
}

/** The head of a response. */
export const responseHead = (
  status: string,
  headers: Headers = {},
  parts: Pick<RequestHeadParts, 'endOfStream' | 'vouched' | 'modes' | 'observed'> = {},
): Uint8Array =>
  encoded(
    {
      $case: 'responseHeaders',
      value: { headers: headerMap({ ':status': status }, headers), endOfStream: parts.endOfStream ?? false },
    },
    parts,
  );

/** A body, or a piece of it. */
export const bodyPart = (of: Direction, body: string | Uint8Array, endOfStream = false, observed = false): Uint8Array =>
  encoded(
    { $case: of === 'request' ? 'requestBody' : 'responseBody', value: { body: Buffer.from(body), endOfStream } },
    { observed },
  );

/** Trailers. */
export const trailersPart = (of: Direction): Uint8Array =>
  encoded({ $case: of === 'request' ? 'requestTrailers' : 'responseTrailers', value: { trailers: { headers: [] } } });

const mutations = (mutation: HeaderMutation | undefined): readonly string[] => [
  ...(mutation?.setHeaders ?? []).map(({ header }) => `+${header?.key}=${header?.rawValue.toString()}`),
  ...(mutation?.removeHeaders ?? []).map((name) => `-${name}`),
];

function bodyChange(mutation: BodyMutation['mutation']): string {
  switch (mutation?.$case) {
    case 'body':
      return `"${mutation.value.toString()}"`;
    case 'clearBody':
      return 'cleared';
    case 'streamedResponse':
      return `piece "${mutation.value.body.toString()}"${mutation.value.endOfStream ? ' end' : ''}`;
    default:
      return 'same';
  }
}

/** Body of the request, head and body of the response, trailers of both; by their numbers. */
const modesIn = (mode: ProcessingMode | undefined): readonly string[] =>
  mode === undefined
    ? []
    : [
        `[${mode.requestBodyMode} ${mode.responseHeaderMode} ${mode.responseBodyMode} ${mode.requestTrailerMode} ${mode.responseTrailerMode}]`,
      ];

/** What a message of ours says, in few words. */
export function summaryOf(message: Uint8Array): string {
  const { response, modeOverride } = ProcessingResponse.decode(message);
  switch (response?.$case) {
    case 'requestHeaders':
    case 'responseHeaders':
      return [response.$case, ...mutations(response.value.response?.headerMutation), ...modesIn(modeOverride)].join(
        ' ',
      );
    case 'requestBody':
    case 'responseBody': {
      const { headerMutation, bodyMutation } = response.value.response ?? {};
      return [response.$case, bodyChange(bodyMutation?.mutation), ...mutations(headerMutation)].join(' ');
    }
    case 'immediateResponse':
      return `denied ${response.value.status?.code} ${response.value.details}`;
    default:
      return response?.$case ?? 'nothing';
  }
}
