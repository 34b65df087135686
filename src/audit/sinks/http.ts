import { promisify } from 'node:util';
import { gzip as gzipNow } from 'node:zlib';
import type { BuildContext, JsonSchema } from '../../core/build.ts';
import type { Clock } from '../../core/clock.ts';
import { openReader } from '../../core/options.ts';
import { outboundSchema, readOutbound } from '../../outbound/options.ts';
import { type OutboundOptions, openOutbound } from '../../outbound/outbound.ts';
import type { Delivered } from '../sink.ts';

/** A receiver that takes batches as bodies of POST, as configured. */
interface HttpTarget {
  readonly url: string;
  readonly outbound: OutboundOptions;
  /** Goes into the header `authorization`, after its scheme; undefined: none. */
  readonly token: string | undefined;
  readonly gzip: boolean;
}

/** What came back. */
interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** When to come again, as the receiver says; 0: it does not say. */
  readonly afterMs: number;
}

/** The way to a receiver. */
interface HttpPost {
  /** Posts a body; undefined: there was no answer in time. Never rejects. */
  post(body: string, contentType: string): Promise<HttpAnswer | undefined>;
  close(): Promise<void>;
}

const timeout = '10s';
const answerMaxBytes = 8 * 1024 ** 2;
const gzip = promisify(gzipNow);

const { ca_file, allow_http, timeout: timeoutSchema } = outboundSchema(timeout);

/** The schema of the options that readTarget reads. */
export const targetSchema = (token: string): Readonly<Record<string, JsonSchema>> => ({
  url: { type: 'string', minLength: 1, description: 'The URL that batches are posted to, with its path.' },
  token_file: {
    type: 'string',
    minLength: 1,
    description: `A file with ${token}. Default: no authorization is sent.`,
  },
  gzip: { type: 'boolean', description: 'Whether bodies are sent with content-encoding gzip. Default: true.' },
  ca_file: ca_file ?? {},
  allow_http: allow_http ?? {},
  timeout: timeoutSchema ?? {},
});

/** Reads `url`, `token_file`, `gzip` and how the receiver is called; what is wrong is an issue. */
export function readTarget(options: Readonly<Record<string, unknown>>, context: BuildContext): HttpTarget {
  const reader = openReader(options, context.issue);
  const url = reader.text('url', '');
  const tokenFile = reader.text('token_file', '');
  return {
    url,
    outbound: readOutbound(reader, context, {
      timeout,
      maxBytes: answerMaxBytes,
      urls: [{ option: 'url', url }],
    }),
    token: tokenFile === '' ? undefined : readToken(tokenFile, context.at('token_file')),
    gzip: reader.flag('gzip', true),
  };
}

function readToken(name: string, context: BuildContext): string | undefined {
  const token = context.file(name)?.text.trim();
  if (token === undefined) return undefined;
  // What goes into a header as it is.
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  context.issue([], 'must hold a token: visible ASCII without blanks');
  return undefined;
}

/** Opens the way to a receiver; scheme: what stands before the token. */
export function openPost({ url, outbound, token, gzip: packed }: HttpTarget, scheme: string, clock: Clock): HttpPost {
  const { fetch, close } = openOutbound(outbound);
  const headers = {
    ...(token === undefined ? {} : { authorization: `${scheme} ${token}` }),
    ...(packed ? { 'content-encoding': 'gzip' } : {}),
  };
  const send = async (text: string, contentType: string): Promise<HttpAnswer | undefined> => {
    try {
      const body = packed ? await gzip(text) : Buffer.from(text);
      const answer = await fetch(url, { method: 'POST', body, headers: { ...headers, 'content-type': contentType } });
      const afterMs = retryAfterMs(answer.headers.get('retry-after'), clock.nowMs());
      return { status: answer.status, body: await answer.text(), afterMs };
    } catch {
      return undefined;
    }
  };
  let underWay: Promise<unknown> = Promise.resolve();
  return {
    post: (text, contentType) => {
      const sent = send(text, contentType);
      underWay = sent;
      return sent;
    },
    close: async () => {
      // What is under way has its own time limit.
      await underWay;
      await close();
    },
  };
}

/** Milliseconds of a Retry-After (RFC 9110 section 10.2.3), seconds or a date; 0 where it says neither. */
export function retryAfterMs(value: string | null, nowMs: number): number {
  if (value === null) return 0;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? 0 : Math.max(0, atMs - nowMs);
}

// The receiver has read these and will say the same again; anything else (a wrong path, a missing token) may be mended.
const finalStatuses: ReadonlySet<number> = new Set([400, 413, 422]);

/** What an answer says of the batch as a whole. */
export function deliveredOf(answer: HttpAnswer | undefined): Delivered {
  if (answer === undefined) return 'away';
  if (answer.status >= 200 && answer.status < 300) return 'written';
  if (finalStatuses.has(answer.status)) return 'refused';
  return answer.afterMs > 0 ? { afterMs: answer.afterMs } : 'away';
}
