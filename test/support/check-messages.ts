import {
  AttributeContext,
  AttributeContext_HttpRequest,
  AttributeContext_Request,
} from '../../src/wire/gen/envoy/service/auth/v3/attribute_context.ts';
import { CheckRequest, CheckResponse } from '../../src/wire/gen/envoy/service/auth/v3/external_auth.ts';

const nothing = new Uint8Array();

/** The request of a Check message. */
export interface MessageParts {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly extensions?: Readonly<Record<string, string>>;
}

/** The bytes of a CheckRequest as Envoy would send it; by default a GET of /orders on localhost. */
export function checkMessage(parts: MessageParts = {}): Uint8Array {
  const { method = 'GET', path = '/orders', host = 'localhost', headers = {}, extensions = {} } = parts;
  const http = {
    ...AttributeContext_HttpRequest.decode(nothing),
    method,
    path,
    host,
    headers: new Map(Object.entries(headers)),
    scheme: 'https',
  };
  const request = { ...AttributeContext_Request.decode(nothing), http };
  const attributes = {
    ...AttributeContext.decode(nothing),
    request,
    contextExtensions: new Map(Object.entries(extensions)),
  };
  return CheckRequest.encode({ attributes }).finish();
}

/** Whether the bytes are a CheckResponse that lets the request through. */
export const allows = (message: Uint8Array): boolean => CheckResponse.decode(message).status?.code === 0;
