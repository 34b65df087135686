import type { Attributes, HeaderMap, NormalRequest } from '../../src/core/attributes.ts';
import type { Subject } from '../../src/core/plan.ts';
import { noMemberships, type Principal, principalKey } from '../../src/core/principal.ts';

/** Headers as tests write them; a list stands for a header that is repeated. */
export type Headers = HeaderMap | Readonly<Record<string, string | readonly string[]>>;

/** What a test says of a request as Envoy tells of it. */
export interface AttributesSketch extends Partial<Omit<Attributes, 'headers'>> {
  readonly headers?: Headers;
  /** The address of the source. */
  readonly peer?: string;
}

/** What a test says of a request that the guard let through. */
export interface RequestSketch extends Partial<Omit<NormalRequest, 'headers'>> {
  readonly headers?: Headers;
  readonly body?: Uint8Array | undefined;
}

/** What a test says of a principal. */
export interface PrincipalSketch extends Partial<Omit<Principal, 'key' | 'roles' | 'scopes'>> {
  readonly roles?: Iterable<string>;
  readonly scopes?: Iterable<string>;
}

/** What a test says of a subject. */
export interface SubjectSketch {
  readonly request?: RequestSketch;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly rule?: string;
  /** Undefined: nobody is known. */
  readonly principal?: PrincipalSketch | undefined;
}

const headerMap = (headers: Headers): HeaderMap =>
  headers instanceof Map
    ? headers
    : new Map(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]));

/** Attributes as Envoy states them: a GET of https://api.example.com/orders from 192.0.2.1, where nothing else is said. */
export function anAttributes({ headers = {}, peer = '192.0.2.1', ...rest }: AttributesSketch = {}): Attributes {
  return {
    source: { address: peer, port: 50_000, principal: '', certificate: '' },
    destination: { address: '192.0.2.254', port: 443, principal: '', certificate: '' },
    method: 'GET',
    scheme: 'https',
    host: 'api.example.com',
    path: '/orders',
    protocol: 'HTTP/2',
    body: undefined,
    requestId: '',
    contextExtensions: new Map(),
    ...rest,
    headers: headerMap(headers),
  };
}

/** The normal form of such a request; its headers and its body stand in its attributes too. */
export function aRequest({ headers = {}, body, ...rest }: RequestSketch = {}): NormalRequest {
  const attributes = rest.attributes ?? anAttributes({ headers, body });
  return {
    attributes,
    method: attributes.method,
    scheme: 'https',
    host: 'api.example.com',
    path: '/orders',
    segments: ['orders'],
    query: '',
    headers: attributes.headers,
    clientAddress: attributes.source.address,
    ...rest,
  };
}

/** A principal as an identity finds it: alice of "users", without roles, scopes and claims. */
export function aPrincipal({ roles = [], scopes = [], ...rest }: PrincipalSketch = {}): Principal {
  const { id = 'alice', source = 'users' } = rest;
  return {
    kind: 'jwt',
    issuer: 'https://idp.example',
    credentialId: undefined,
    sessionId: undefined,
    issuedMs: undefined,
    expiresMs: undefined,
    boundBy: undefined,
    memberships: noMemberships,
    claims: Object.freeze({ __proto__: null }),
    ...rest,
    id,
    source,
    key: principalKey(source, id),
    roles: new Set(roles),
    scopes: new Set(scopes),
  };
}

/** A subject of the rule "orders". */
export function aSubject({ request, parameters = {}, rule = 'orders', principal }: SubjectSketch = {}): Subject {
  return {
    request: aRequest(request),
    parameters: new Map(Object.entries(parameters)),
    rule,
    principal: principal && aPrincipal(principal),
  };
}
