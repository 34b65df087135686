import type { JsonSchema } from '../../core/build.ts';

/** What is done to a text, in this order: normalize, remove, encode. */
export interface CleansingOptions {
  readonly normalize?: boolean | undefined;
  readonly remove?: RemoveOptions | undefined;
  readonly encode?: 'html' | 'json' | undefined;
}

/** What stays of rich text. */
export interface RemoveOptions {
  readonly allow_tags?: readonly string[] | undefined;
  readonly allow_attributes?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly allow_schemes?: readonly string[] | undefined;
}

/** One entry for bodies. */
export interface BodyEntryOptions extends CleansingOptions {
  readonly fields: 'all' | readonly string[];
  readonly except?: readonly string[] | undefined;
}

/** One entry for query parameters or headers. */
export interface NamedEntryOptions extends CleansingOptions {
  readonly names: 'all' | readonly string[];
  readonly except?: readonly string[] | undefined;
}

/** A rule's `sanitize` as it is configured. */
export interface SanitizeOptions {
  readonly body?: readonly BodyEntryOptions[] | undefined;
  readonly query?: readonly NamedEntryOptions[] | undefined;
  readonly headers?: readonly NamedEntryOptions[] | undefined;
  readonly max_bytes?: string | undefined;
  readonly max_depth?: number | undefined;
  readonly on_unreadable?: 'deny' | 'allow' | undefined;
}

/** What `all` leaves alone where nothing else is said: to change it would break it. */
export const usualExceptions: readonly string[] = Object.freeze([
  'password',
  'passwd',
  'pwd',
  'passphrase',
  'secret',
  'client_secret',
  'token',
  'access_token',
  'refresh_token',
  'id_token',
  'signature',
  'sig',
  'hmac',
  'hash',
  'digest',
  'checksum',
  'nonce',
]);

const usualTags = ['p', 'br', 'b', 'i', 'em', 'strong', 'u', 's', 'ul', 'ol', 'li', 'blockquote', 'code', 'pre', 'a'];

/** The allowlist of `remove` where nothing else is said. */
export const usualRemoval = Object.freeze({
  tags: usualTags,
  attributes: { a: ['href', 'title'] },
  schemes: ['http', 'https', 'mailto'],
} as const);

const list = (items: string, description: string, fallback: readonly string[]): JsonSchema => ({
  type: 'array',
  uniqueItems: true,
  items: { type: 'string', minLength: 1, description: items },
  default: fallback,
  description: `${description} Default: [${fallback.join(', ')}].`,
});

const removeSchema: JsonSchema = {
  type: 'object',
  description:
    'Rich text: HTML elements and attributes that are not allowed are removed, with the content of script and style. Default: nothing is removed.',
  additionalProperties: false,
  properties: {
    allow_tags: list('An element.', 'Elements that stay.', usualTags),
    allow_attributes: {
      type: 'object',
      additionalProperties: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        description: 'Attributes that stay on this element.',
      },
      description: 'Attributes that stay, by element. Default: href and title of a.',
    },
    allow_schemes: list('A scheme.', 'Schemes that links may have.', usualRemoval.schemes),
  },
};

const cleansing = (encodings: readonly string[]): Readonly<Record<string, JsonSchema>> => ({
  normalize: {
    type: 'boolean',
    default: false,
    description: 'Unicode NFC, and control characters other than tab and line ends are dropped. Default: false.',
  },
  remove: removeSchema,
  encode: {
    enum: encodings,
    description: encodings.includes('json')
      ? "html: & < > \" and ' become entities, those that are there stay. json: < > & ' U+2028 and U+2029 are written as escapes, which changes no value; of bodies in JSON alone. Default: none, and json for all fields where nothing else is asked."
      : 'html: & < > " and \' become entities, those that are there stay. Default: none.',
  },
});

const all = { const: 'all' };
const exceptSchema = (what: string): JsonSchema =>
  list(
    'A name.',
    `${what} that all leaves alone; names in any case. Naming some takes the place of the default.`,
    usualExceptions,
  );

const named = (what: string, nameFormat: JsonSchema, description: string): JsonSchema => ({
  type: 'array',
  minItems: 1,
  description: `${description} Default: none.`,
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['names'],
    properties: {
      names: {
        anyOf: [all, { type: 'array', minItems: 1, uniqueItems: true, items: nameFormat }],
        description: `${what} that are made harmless, by their decoded names, or all. Required.`,
      },
      except: exceptSchema(what),
      ...cleansing(['html']),
    },
  },
});

/** JSON Schema of a rule's `sanitize`. */
export const sanitizeSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'Makes texts of the request harmless on their way to the upstream: Envoy must have Portcullis as its ext_proc filter (envoy/process.yaml). Default: nothing is changed.',
  additionalProperties: false,
  properties: {
    body: {
      type: 'array',
      minItems: 1,
      description:
        'Texts of bodies in JSON, NDJSON, urlencoded and multipart forms, and plain text; the first entry that takes a text decides. Default: none.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['fields'],
        properties: {
          fields: {
            anyOf: [
              all,
              {
                type: 'array',
                minItems: 1,
                uniqueItems: true,
                items: {
                  type: 'string',
                  pattern: '^(/[^/]*)+$',
                  patternErrorMessage: 'must be a JSON pointer like /comment or /items/*/note',
                },
              },
            ],
            description:
              'JSON pointers of the texts, with * for any member or index and ** at the end for all below; in a form /NAME; or all. Required.',
          },
          except: exceptSchema('Members'),
          ...cleansing(['html', 'json']),
        },
      },
    },
    query: named('Query parameters', { type: 'string', minLength: 1 }, 'Values of the query.'),
    headers: named('Headers', { type: 'string', format: 'header' }, 'Values of headers.'),
    max_bytes: {
      type: 'string',
      format: 'bytes',
      default: '1MiB',
      description:
        "The largest body that is changed, and the largest that comes of it; a larger one is 413. Envoy's buffer must be at least this. Default: 1MiB.",
    },
    max_depth: {
      type: 'integer',
      minimum: 1,
      maximum: 512,
      default: 64,
      description: 'How deep arrays and objects may be nested. Default: 64.',
    },
    on_unreadable: {
      enum: ['deny', 'allow'],
      default: 'deny',
      description:
        'What becomes of a body of another type, in another charset or encoded, in which nothing can be made harmless: deny with 415, or allow. Default: deny.',
    },
  },
});
