import type { BanChange } from '../../../core/ban.ts';
import type { BuildContext, JsonSchema } from '../../../core/build.ts';
import { openReader } from '../../../core/options.ts';
import { outboundSchema, readOutbound } from '../../../outbound/options.ts';
import type { OutboundOptions } from '../../../outbound/outbound.ts';

/** A receiver of bans, as configured. */
export interface WebhookSpec {
  readonly name: string;
  readonly url: string;
  readonly outbound: OutboundOptions;
  /** Sent as a bearer token; undefined: none is. A secret. */
  readonly token: string | undefined;
  /** What bodies are signed with; undefined: they are not. A secret. */
  readonly key: Uint8Array | undefined;
  readonly on: ReadonlySet<BanChange['change']>;
}

/** How bans go out to others. */
export interface BansConfig {
  /** The token that the plain list may be read with besides the admin token; undefined: the admin token alone. A secret. */
  readonly listToken: string | undefined;
  readonly webhooks: readonly WebhookSpec[];
}

/** The config key `bans`, as its schema lets it through. */
export interface BansOptions {
  readonly list?: { readonly token_file?: string };
  readonly webhooks?: readonly Readonly<Record<string, unknown>>[];
}

const timeout = '5s';
const answerMaxBytes = 64 * 1024;
const changes: readonly BanChange['change'][] = Object.freeze(['made', 'lifted', 'ended']);
const { ca_file, allow_http, timeout: timeoutSchema } = outboundSchema(timeout);

const webhookSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['url'],
  properties: {
    name: {
      type: 'string',
      format: 'identifier',
      description: 'What metrics and the log call it. Default: webhook1, webhook2 and so on, by its place.',
    },
    url: { type: 'string', minLength: 1, description: 'The URL that each change is posted to as JSON. Required.' },
    token_file: {
      type: 'string',
      minLength: 1,
      description: 'A file with a token that is sent as `Authorization: Bearer`. Default: no authorization is sent.',
    },
    hmac_secret_file: {
      type: 'string',
      minLength: 1,
      description:
        'A file with the secret that bodies are signed with: at least 24 bytes in Base64 after `whsec_`, or at least 32 characters taken as they are. Default: they are not signed.',
    },
    on: {
      type: 'array',
      items: { enum: [...changes] },
      minItems: 1,
      uniqueItems: true,
      description: 'What it is told: a ban was made, lifted by somebody, or ended by itself. Default: all of it.',
    },
    ca_file: ca_file ?? {},
    allow_http: allow_http ?? {},
    timeout: timeoutSchema ?? {},
  },
};

/** The schema of the config key `bans`. */
export const bansSchema: JsonSchema = Object.freeze({
  type: 'object',
  description: 'How bans go out to firewalls and services in front of us. Default: they stay here.',
  additionalProperties: false,
  properties: {
    list: {
      type: 'object',
      description: 'The list of banned addresses at /bans/list of the admin address, a prefix a line.',
      additionalProperties: false,
      properties: {
        token_file: {
          type: 'string',
          minLength: 1,
          description:
            'A file with a token that reads the list and does nothing else; it is taken anew on reload. Default: the admin token alone reads it.',
        },
      },
    },
    webhooks: {
      type: 'array',
      items: webhookSchema,
      description: 'Who is told of each change of bans. A change takes effect at the next start. Default: nobody.',
    },
  },
  examples: [
    {
      list: { token_file: 'firewall.token' },
      webhooks: [
        { name: 'edge', url: 'https://hooks.example/bans', hmac_secret_file: 'edge.secret', on: ['made', 'lifted'] },
      ],
    },
  ],
});

/** Reads the key; what is wrong is an issue. */
export function buildBans({ list, webhooks = [] }: BansOptions = {}, context: BuildContext): BansConfig {
  const listToken =
    list?.token_file === undefined ? undefined : readToken(list.token_file, context.at('list', 'token_file'));
  const specs = webhooks.map((options, index) => readWebhook(options, index, context.at('webhooks', index)));
  for (const [index, { name }] of specs.entries()) {
    if (specs.findIndex((other) => other.name === name) < index) {
      context.issue(['webhooks', index, 'name'], `"${name}" is the name of an earlier one`);
    }
  }
  return { listToken, webhooks: specs };
}

function readWebhook(options: Readonly<Record<string, unknown>>, index: number, context: BuildContext): WebhookSpec {
  const reader = openReader(options, context.issue);
  const url = reader.text('url', '');
  const [tokenFile, secretFile] = [reader.text('token_file', ''), reader.text('hmac_secret_file', '')];
  const on = reader.texts('on', changes);
  return {
    name: reader.text('name', `webhook${index + 1}`),
    url,
    outbound: readOutbound(reader, context, { timeout, maxBytes: answerMaxBytes, urls: [{ option: 'url', url }] }),
    token: tokenFile === '' ? undefined : readToken(tokenFile, context.at('token_file')),
    key: secretFile === '' ? undefined : readKey(secretFile, context.at('hmac_secret_file')),
    on: new Set(changes.filter((change) => on.includes(change))),
  };
}

function readToken(name: string, context: BuildContext): string | undefined {
  const token = context.file(name)?.text.trim();
  // What a bearer token may be made of (RFC 6750 section 2.1).
  if (token === undefined || /^[A-Za-z0-9._~+/-]{16,1024}=*$/.test(token)) return token;
  context.issue(
    [],
    'must name a file with one token of 16 to 1024 characters A-Z a-z 0-9 - . _ ~ + /, and nothing else',
  );
  return undefined;
}

const leastKeyBytes = 24;

function readKey(name: string, context: BuildContext): Uint8Array | undefined {
  const text = context.file(name)?.text.trim();
  if (text === undefined) return undefined;
  const key = text.startsWith('whsec_') ? Buffer.from(text.slice('whsec_'.length), 'base64') : Buffer.from(text);
  if (key.length < (text.startsWith('whsec_') ? leastKeyBytes : 32)) {
    context.issue(
      [],
      'must name a file with a secret of at least 24 bytes in Base64 after whsec_, or of 32 characters',
    );
  }
  return key;
}
