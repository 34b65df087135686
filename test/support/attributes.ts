import type { Attributes, HeaderMap } from '../../src/core/attributes.ts';

/** What a test says of a request; the rest is an ordinary GET of / from 192.0.2.1. */
export interface AttributesSketch extends Partial<Omit<Attributes, 'headers' | 'source'>> {
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly peer?: string;
}

const headerMap = (headers: NonNullable<AttributesSketch['headers']>): HeaderMap =>
  new Map(Object.entries(headers).map(([name, values]) => [name, typeof values === 'string' ? [values] : values]));

/** Attributes as Envoy would state them of the sketched request. */
export function sketchAttributes({ headers = {}, peer = '192.0.2.1', ...rest }: AttributesSketch = {}): Attributes {
  return {
    source: { address: peer, port: 50_000, principal: '' },
    destination: { address: '192.0.2.254', port: 443, principal: '' },
    method: 'GET',
    scheme: 'https',
    host: 'api.example.com',
    path: '/',
    protocol: 'HTTP/2',
    body: undefined,
    requestId: '',
    contextExtensions: new Map(),
    ...rest,
    headers: headerMap(headers),
  };
}
