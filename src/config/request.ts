import type { Attributes } from '../core/attributes.ts';
import type { JsonSchema } from '../core/build.ts';

/** A request as `explain` and a config's `tests` describe it. */
export interface RequestDescription {
  readonly method?: string;
  readonly path: string;
  readonly host?: string;
  readonly scheme?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Text as it is; anything else is sent as JSON. */
  readonly body?: unknown;
  /** The address of Envoy's peer. */
  readonly peer?: string;
  /** The certificate of Envoy's peer, PEM. */
  readonly certificate?: string;
  readonly context_extensions?: Readonly<Record<string, string>>;
}

const text = { type: 'string' } as const;

/** The JSON Schema of a request description. */
export const requestSchema: JsonSchema = {
  type: 'object',
  description: 'A request to decide on.',
  additionalProperties: false,
  required: ['path'],
  properties: {
    method: { ...text, description: 'The method. Default: GET.' },
    path: { ...text, description: 'The path as it is sent, with its query.' },
    host: { ...text, description: 'The authority. Default: the host header, else localhost.' },
    scheme: { ...text, description: 'http or https. Default: https.' },
    headers: {
      type: 'object',
      description: 'Header values by name; a list sends the header more than once.',
      additionalProperties: { type: ['string', 'array'], items: text },
    },
    body: { description: 'The body: a string is sent as it is, anything else as JSON with its media type.' },
    peer: { ...text, description: 'The address of the peer that Envoy sees. Default: 127.0.0.1.' },
    certificate: { ...text, description: 'The certificate of that peer, PEM. Default: it shows none.' },
    context_extensions: {
      type: 'object',
      description: 'Per-route settings of the ext_authz filter, such as the rule that Envoy chose.',
      additionalProperties: text,
    },
  },
};

/** The attributes that Envoy would send for the described request. */
export function toAttributes(description: RequestDescription): Attributes {
  const headers = headerMap(description.headers ?? {});
  const body = bodyOf(description.body);
  if (body !== undefined && typeof description.body !== 'string' && !headers.has('content-type')) {
    headers.set('content-type', ['application/json']);
  }
  const host = description.host ?? headers.get('host')?.[0] ?? 'localhost';
  headers.delete('host');
  return {
    source: {
      address: description.peer ?? '127.0.0.1',
      port: 0,
      principal: '',
      certificate: description.certificate ?? '',
    },
    destination: { address: '', port: 0, principal: '', certificate: '' },
    method: description.method ?? 'GET',
    scheme: description.scheme ?? 'https',
    host,
    path: description.path,
    protocol: 'HTTP/2',
    headers,
    body,
    requestId: '',
    contextExtensions: new Map(Object.entries(description.context_extensions ?? {})),
  };
}

function headerMap(headers: NonNullable<RequestDescription['headers']>): Map<string, readonly string[]> {
  const map = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(headers)) {
    const values = typeof value === 'string' ? [value] : value;
    map.set(name.toLowerCase(), [...(map.get(name.toLowerCase()) ?? []), ...values]);
  }
  return map;
}

function bodyOf(body: unknown): Uint8Array | undefined {
  if (body === undefined) return undefined;
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
}
