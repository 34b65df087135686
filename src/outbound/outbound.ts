import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, type BodyInit as AskBody, fetch as ask } from 'undici';
import { boundedBody } from './bounded-body.ts';
import { guardedLookup } from './guarded-lookup.ts';
import { OutboundError } from './outbound-error.ts';
import { faultOfUrl, type UrlRules } from './url.ts';

/** How a server outside may be called. */
export interface OutboundOptions extends UrlRules {
  /** Authorities, PEM, that are trusted instead of the system's; undefined: the system's. */
  readonly ca: string | undefined;
  /** What we show of ourselves, PEM; undefined: nothing. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string } | undefined;
  /** For a call as a whole, from the lookup of the name to the last byte of the body. */
  readonly timeoutMs: number;
  /** Bytes of a body, after decompression. */
  readonly maxBytes: number;
}

/** A way out that is bounded in time and size and goes nowhere but where it may. */
export interface Outbound {
  /**
   * As the platform's fetch, for a URL as it is and of the options for method, headers, body and signal. Redirects are answers and never followed. Rejects with an
   * OutboundError for a URL that may not be asked, as fetch does when there is no answer in time, and with an
   * OutboundError, through the body, for one that is too long.
   */
  readonly fetch: typeof fetch;
  /** Drops every connection; what is under way rejects. */
  close(): Promise<void>;
}

const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);
// The default would let a server keep a connection for ten minutes.
const keepAliveMaxMs = 60_000;
const maxConnections = 32;

/** Opens a way out; it connects to nobody yet, and idle connections keep no process alive. */
export function openOutbound(options: OutboundOptions, lookup: LookupFunction = systemLookup): Outbound {
  const { ca, clientCertificate, timeoutMs, maxBytes } = options;
  const agent = new Agent({
    connect: {
      lookup: guardedLookup(lookup),
      timeout: timeoutMs,
      ...(ca === undefined ? {} : { ca }),
      ...clientCertificate,
    },
    connections: maxConnections,
    keepAliveMaxTimeout: keepAliveMaxMs,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  return {
    fetch: async (input, init = {}) => {
      if (typeof input !== 'string' && !(input instanceof URL)) throw new TypeError('only a URL can be asked');
      const fault = faultOfUrl(String(input), options);
      if (fault !== undefined) throw new OutboundError(`the URL ${fault}`);
      const inTime = AbortSignal.timeout(timeoutMs);
      const signal = init.signal ? AbortSignal.any([init.signal, inTime]) : inTime;
      const sent = {
        method: init.method ?? 'GET',
        headers: [...new Headers(init.headers)],
        // The platform's type and undici's own are two names of the same bodies.
        body: (init.body ?? null) as AskBody | null,
      };
      const { status, statusText, headers, body } = await ask(input, {
        ...sent,
        redirect: 'manual',
        signal,
        dispatcher: agent,
      });
      const bounded = body === null || bodiless.has(status) ? null : boundedBody(body, maxBytes);
      return new Response(bounded, { status, statusText, headers: [...headers] });
    },
    close: () => agent.destroy(),
  };
}
