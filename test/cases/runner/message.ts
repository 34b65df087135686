import type { Attributes } from '../../../src/core/attributes.ts';
import { SocketAddress } from '../../../src/wire/gen/envoy/config/core/v3/address.ts';
import type { HeaderValue } from '../../../src/wire/gen/envoy/config/core/v3/base.ts';
import {
  AttributeContext,
  AttributeContext_HttpRequest,
  AttributeContext_Peer,
  AttributeContext_Request,
} from '../../../src/wire/gen/envoy/service/auth/v3/attribute_context.ts';
import { CheckRequest } from '../../../src/wire/gen/envoy/service/auth/v3/external_auth.ts';
import type { RawParts } from './case-file.ts';

/** How Envoy writes headers and body: with encode_raw_headers and pack_as_bytes, or without. */
export type Form = 'raw' | 'joined';

type Line = readonly [name: string, value: Buffer];

const nothing = new Uint8Array();

/** The bytes of the CheckRequest that Envoy would send for a request. */
export function checkRequest(attributes: Attributes, raw: RawParts, form: Form): Uint8Array {
  if (raw.message_hex !== undefined) return Buffer.from(raw.message_hex, 'hex');
  const { method, scheme, host, path, protocol, requestId } = attributes;
  const http = {
    ...AttributeContext_HttpRequest.decode(nothing),
    ...{ id: requestId, method, scheme, host, path, protocol },
    ...bodyOf(raw.body_hex === undefined ? attributes.body : Buffer.from(raw.body_hex, 'hex'), form),
    ...headersOf(linesOf(attributes, raw), form),
  };
  const request = { ...AttributeContext_Request.decode(nothing), http };
  const context = {
    ...AttributeContext.decode(nothing),
    source: peer(attributes.source),
    request,
    contextExtensions: new Map(attributes.contextExtensions),
  };
  return CheckRequest.encode({ attributes: context }).finish();
}

function linesOf({ method, host, path, scheme, headers }: Attributes, raw: RawParts): readonly Line[] {
  const pseudo = { ':authority': host, ':path': path, ':method': method, ':scheme': scheme, ...raw.pseudo };
  return [
    ...Object.entries(pseudo).map(([name, value]): Line => [name, Buffer.from(value)]),
    ...[...headers].flatMap(([name, values]) => values.map((value): Line => [name, Buffer.from(value)])),
    ...(raw.headers ?? []).map(
      ([name, value]): Line => [name, typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.hex, 'hex')],
    ),
  ];
}

function headersOf(
  lines: readonly Line[],
  form: Form,
): Pick<AttributeContext_HttpRequest, 'headers'> | Pick<AttributeContext_HttpRequest, 'headerMap'> {
  if (form === 'raw') {
    return { headerMap: { headers: lines.map(([key, rawValue]): HeaderValue => ({ key, value: '', rawValue })) } };
  }
  const headers = new Map<string, string>();
  for (const [name, bytes] of lines) {
    const before = headers.get(name);
    // Where a value is not UTF-8, Envoy writes an exclamation mark for the odd bytes.
    const value = bytes.toString('utf8').replaceAll('\ufffd', '!');
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return { headers };
}

function bodyOf(body: Uint8Array = nothing, form: Form): Pick<AttributeContext_HttpRequest, 'body' | 'rawBody'> {
  return form === 'raw'
    ? { body: '', rawBody: Buffer.from(body) }
    : { body: new TextDecoder('utf-8', { ignoreBOM: true }).decode(body), rawBody: Buffer.alloc(0) };
}

function peer({ address, port, principal, certificate }: Attributes['source']): AttributeContext_Peer {
  const portSpecifier = { $case: 'portValue', value: port } as const;
  return {
    ...AttributeContext_Peer.decode(nothing),
    principal,
    certificate,
    address:
      address === ''
        ? { address: { $case: 'pipe', value: { path: '@', mode: 0 } } }
        : {
            address: {
              $case: 'socketAddress',
              value: { ...SocketAddress.decode(nothing), address, portSpecifier },
            },
          },
  };
}
