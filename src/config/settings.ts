import type { BuildContext, JsonSchema } from '../core/build.ts';
import { parseDurationMs } from '../core/units.ts';

const text = (description: string, more: JsonSchema = {}): JsonSchema => ({ type: 'string', description, ...more });

/** What may carry gRPC, by its name in the table of transports. */
type TransportName = 'grpc-js' | 'http2';

/** The config key `listen` as users write it. */
export interface ListenOptions {
  readonly grpc?: string | GrpcOptions;
  readonly admin?: string | AdminOptions;
  readonly public?: string;
  readonly access_log?: string;
}

interface AdminOptions {
  readonly address: string;
  readonly token_file?: string;
}

interface GrpcOptions {
  readonly address: string;
  readonly tls?: { readonly cert: string; readonly key: string; readonly client_ca?: string };
  readonly transport?: TransportName;
}

/** The config key `redis` as users write it. */
export interface RedisOptions {
  readonly url?: string;
  readonly timeout?: string;
}

/** Where we listen, with the texts of certificates. */
export interface ListenSettings {
  readonly grpc: {
    readonly address: string;
    readonly tls: { readonly cert: string; readonly key: string; readonly clientCa: string | undefined } | undefined;
    readonly transport: TransportName;
  };
  readonly admin: string;
  /** Undefined: no public pages are served. */
  readonly public: string | undefined;
  /** Undefined: Envoy's access log is not taken. */
  readonly accessLog: string | undefined;
}

/** The counter store; no URL is embedded memory. */
export interface RedisSettings {
  readonly url: string | undefined;
  readonly timeoutMs: number;
}

const defaults = { grpc: '127.0.0.1:9191', admin: '127.0.0.1:9192', timeout: '20ms' } as const;

/** The schema of the config key `listen`. */
export const listenSchema: JsonSchema = Object.freeze({
  type: 'object',
  description: 'Where Envoy and operators find us. A change takes effect at the next start.',
  additionalProperties: false,
  properties: {
    grpc: {
      type: ['string', 'object'],
      format: 'listen',
      description: `The address of the gRPC services: host:port, unix:/path, or an object. Default: ${defaults.grpc}.`,
      additionalProperties: false,
      required: ['address'],
      properties: {
        address: text('host:port or unix:/path. Required.', { format: 'listen' }),
        tls: {
          type: 'object',
          description:
            'TLS for the listener. Default: none; then keep the address where only Envoy reaches it: loopback, a unix socket, a network of its own.',
          additionalProperties: false,
          required: ['cert', 'key'],
          properties: {
            cert: text('A file with the certificate chain in PEM. Required.'),
            key: text('A file with the private key in PEM. Required.'),
            client_ca: text('A file with the CAs of client certificates in PEM; with it clients must show one.'),
          },
        },
        transport: {
          enum: ['grpc-js', 'http2'],
          description:
            'What carries gRPC: the library grpc-js, or http2, our own, which costs a fraction of it. Default: grpc-js.',
        },
      },
    },
    admin: {
      type: ['string', 'object'],
      format: 'listen',
      description: `The address of health, metrics, the config page and the admin API: host:port, unix:/path, or an object. Default: ${defaults.admin}.`,
      additionalProperties: false,
      required: ['address'],
      properties: {
        address: text('host:port or unix:/path. Required.', { format: 'listen' }),
        token_file: text(
          'A file with the token of the admin API, which is taken anew on reload. Default: none; the API then does nothing.',
        ),
      },
    },
    public: text(
      'The address of our own pages below /.portcullis/, for Envoy to route that path to: logins, logouts, key sets. Default: none; an identity that needs such pages is then refused.',
      { format: 'listen' },
    ),
    access_log: text(
      'The address of the gRPC service that takes Envoy’s access log, on a thread of its own, with the tls of grpc. Default: none; then nothing is counted by client and route.',
      { format: 'listen' },
    ),
  },
});

/** The schema of the config key `redis`. */
export const redisSchema: JsonSchema = Object.freeze({
  type: 'object',
  description: 'The store that replicas share. A change takes effect at the next start.',
  additionalProperties: false,
  properties: {
    url: text('redis:// or rediss://, with user and password if needed. Default: empty, embedded memory.'),
    timeout: text(
      `How long a call may wait for the counters; for sessions, replay marks, API keys and revocations it may wait so long too, and at least 250ms. Default: ${defaults.timeout}.`,
      { format: 'duration' },
    ),
  },
});

/** Fills in the defaults of `listen` and reads its certificates; the context is that of `listen`. */
export function buildListen(options: ListenOptions = {}, context: BuildContext): ListenSettings {
  const grpc = typeof options.grpc === 'object' ? options.grpc : { address: options.grpc ?? defaults.grpc };
  const read = (name: string, file: string): string => context.at('grpc', 'tls', name).file(file)?.text ?? '';
  const tls = grpc.tls && {
    cert: read('cert', grpc.tls.cert),
    key: read('key', grpc.tls.key),
    clientCa: grpc.tls.client_ca === undefined ? undefined : read('client_ca', grpc.tls.client_ca),
  };
  return {
    grpc: { address: grpc.address, tls, transport: grpc.transport ?? 'grpc-js' },
    admin: (typeof options.admin === 'object' ? options.admin.address : options.admin) ?? defaults.admin,
    public: options.public,
    accessLog: options.access_log,
  };
}

/** Fills in the defaults of `redis`; the context is that of `redis`. */
export function buildRedis(options: RedisOptions = {}, context: BuildContext): RedisSettings {
  const { url = '', timeout = defaults.timeout } = options;
  const protocol = URL.parse(url)?.protocol;
  if (url !== '' && protocol !== 'redis:' && protocol !== 'rediss:') {
    context.issue(['url'], 'must be a redis:// or rediss:// URL, or empty for embedded memory');
  }
  const timeoutMs = parseDurationMs(timeout) ?? 0;
  if (timeoutMs < 1) context.issue(['timeout'], 'must be at least 1ms');
  return { url: url === '' ? undefined : url, timeoutMs };
}
