import type { BuildContext, JsonSchema } from '../../core/build.ts';
import { isToken, proxyHeaders } from '../../core/header-name.ts';
import { isObject } from '../../core/json.ts';
import { openReader, type Reader, readChoice } from '../../core/options.ts';
import type { Mode } from '../../core/subject.ts';
import { outboundSchema, readOutbound } from '../../outbound/options.ts';
import type { FeedSource, FeedSpec } from './feed.ts';
import { type FormatName, formatNames, formats } from './formats/index.ts';

/** What a config says of one feed. */
export interface ReadFeed {
  readonly spec: FeedSpec;
  readonly mode: Mode;
}

const fileRefresh = '10s';
const defaultTimeout = '10s';
const defaultMaxBytes = '64MiB';
const keyHeader = 'x-api-key';

const { ca_file, allow_http, timeout } = outboundSchema(defaultTimeout);

const refreshText = formatNames.map((name) => `${formats[name].refresh} for ${name}`).join(', ');

const shared: Readonly<Record<string, JsonSchema>> = {
  url: { type: 'string', minLength: 1, description: 'Where the list is fetched from. This or file is required.' },
  file: { type: 'string', minLength: 1, description: 'A file that somebody else writes; read again when it changes.' },
  format: {
    enum: formatNames,
    description:
      'plain: an address, a prefix or a range of IPv4 a line. netset: the same from FireHOL, which says how many come. spamhaus: DROP as JSON lines. crowdsec: the decision stream of a CrowdSec engine. Default: plain.',
  },
  refresh: {
    type: 'string',
    format: 'duration',
    description: `How often it is looked at; up to a fifth is added by chance. Default: ${refreshText}; ${fileRefresh} for a file.`,
  },
  timeout: timeout ?? {},
  max_bytes: {
    type: 'string',
    format: 'bytes',
    description: `A longer document is refused. Default: ${defaultMaxBytes}.`,
  },
  max_entries: {
    type: 'integer',
    minimum: 1,
    maximum: 10_000_000,
    description: 'A longer list is refused. Default: 2000000.',
  },
  special_purpose: {
    enum: ['leave_out', 'keep'],
    description:
      'What becomes of private, loopback, link-local, multicast and reserved ranges on the list (RFC 6890), in which our own clients and health checks may stand. Default: leave_out.',
  },
  headers: {
    type: 'object',
    propertyNames: { format: 'header' },
    additionalProperties: { type: 'string' },
    description: 'Headers of the request for the list. Default: none.',
  },
  key_file: {
    type: 'string',
    minLength: 1,
    description: 'A file that holds the key for the list. Default: none is sent.',
  },
  key_header: {
    type: 'string',
    format: 'header',
    description: `The header in which the key is sent. Default: ${keyHeader}.`,
  },
  ca_file: ca_file ?? {},
  allow_http: allow_http ?? {},
};

const mode: JsonSchema = {
  enum: ['enforce', 'shadow'],
  description: 'shadow: what it would refuse is recorded and passed over. Default: enforce.',
};

/** The schema of feeds by name; deny feeds may watch only. */
export const feedsSchema = (list: FeedSpec['list'], description: string): JsonSchema => ({
  type: 'object',
  description,
  propertyNames: { format: 'identifier' },
  additionalProperties: {
    type: 'object',
    additionalProperties: false,
    properties: list === 'deny' ? { ...shared, mode } : shared,
  },
  ...(list === 'deny' && {
    examples: [{ drop: { url: 'https://www.spamhaus.org/drop/drop_v4.json', format: 'spamhaus' } }],
  }),
});

/** Reads the feeds of one list; what is wrong is an issue, and that feed is left out where nothing can be made of it. */
export function readFeeds(
  list: FeedSpec['list'],
  feeds: Readonly<Record<string, unknown>>,
  cacheDir: string | undefined,
  context: BuildContext,
): readonly ReadFeed[] {
  return Object.entries(feeds).flatMap(
    ([name, options]) => readFeed(name, list, options, cacheDir, context.at(name)) ?? [],
  );
}

function readFeed(
  name: string,
  list: FeedSpec['list'],
  options: unknown,
  cacheDir: string | undefined,
  context: BuildContext,
): ReadFeed | undefined {
  const reader = openReader(options, context.issue);
  const format = readChoice(reader, context, 'format', formatNames);
  const source = readSource(reader, format, context);
  const refresh = source?.kind === 'file' ? fileRefresh : formats[format].refresh;
  const limits = {
    maxEntries: reader.integer('max_entries', 2_000_000, { min: 1, max: 10_000_000 }),
    keepSpecial: readChoice(reader, context, 'special_purpose', ['leave_out', 'keep']) === 'keep',
  };
  const refreshMs = reader.durationMs('refresh', refresh, { minMs: 1000, maxMs: 7 * 86_400_000 });
  const how = readChoice(reader, context, 'mode', ['enforce', 'shadow']);
  return source && { mode: how, spec: { name, list, format, source, refreshMs, limits, cacheDir } };
}

/** What only a fetch has a use for. */
const ofUrls = ['headers', 'key_file', 'key_header', 'ca_file', 'allow_http'] as const;

function readSource(reader: Reader, format: FormatName, context: BuildContext): FeedSource | undefined {
  const [url, file] = [reader.text('url', ''), reader.text('file', '')];
  const maxBytes = reader.bytes('max_bytes', defaultMaxBytes, { min: 1024, max: 256 * 1024 ** 2 });
  if ((url === '') === (file === '')) {
    context.issue([], 'needs a url or a file, and not both');
    return undefined;
  }
  if (file !== '') {
    for (const name of ofUrls) if (reader.has(name)) context.issue([name], 'has no meaning with file');
    if (formats[format].kind === 'stream') {
      context.issue(['format'], `${format} needs a url`);
      return undefined;
    }
    const timeoutMs = reader.durationMs('timeout', defaultTimeout, { minMs: 10, maxMs: 60_000 });
    return { kind: 'file', file: context.place(file), maxBytes, timeoutMs };
  }
  const outbound = readOutbound(reader, context, { timeout: defaultTimeout, maxBytes, urls: [{ option: 'url', url }] });
  return { kind: 'url', url, headers: [...readHeaders(reader, context), ...readKey(reader, context)], outbound };
}

type Header = readonly [name: string, value: string];

function readHeaders(reader: Reader, context: BuildContext): readonly Header[] {
  const headers = reader.raw('headers');
  return Object.entries(isObject(headers) ? headers : {}).map(([name, value]) => {
    const at = context.at('headers', name);
    if (typeof value !== 'string' || !visible.test(value)) at.issue([], 'is no value of a header');
    return [headerName(name, at), String(value)];
  });
}

function readKey(reader: Reader, context: BuildContext): readonly Header[] {
  const name = headerName(reader.text('key_header', keyHeader), context.at('key_header'));
  const keyFile = reader.text('key_file', '');
  if (keyFile === '') {
    if (reader.has('key_header')) context.issue(['key_header'], 'has no meaning without key_file');
    return [];
  }
  const file = context.at('key_file').file(keyFile);
  if (file === undefined) return [];
  const key = file.text.trim();
  if (key === '' || !visible.test(key)) file.issueAt(1, 'must hold the key and nothing else');
  return [[name, key]];
}

function headerName(text: string, context: BuildContext): string {
  const name = text.toLowerCase();
  if (!isToken(name) || proxyHeaders.has(name)) context.issue([], 'is no header that can be sent');
  return name;
}

const visible = /^[!-~](?:[ !-~]*[!-~])?$/;
