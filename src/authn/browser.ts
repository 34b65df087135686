import { type HeaderMap, singleHeader } from '../core/attributes.ts';

/** A request as far as this looks at it: to the gateway or to a page of ours. */
interface Asked {
  readonly method: string;
  readonly headers: HeaderMap;
}

// RFC 9110 section 9.2.1.
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Whether a person's browser is on its way to a page: only such a request can be sent to a login and come back. */
export function isNavigation({ method, headers }: Asked): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  // A page that is fetched ahead must not begin logins that nobody sees.
  if (headers.has('sec-purpose') || headers.get('purpose')?.includes('prefetch')) return false;
  const [mode, dest] = [headers.get('sec-fetch-mode'), headers.get('sec-fetch-dest')];
  if (mode !== undefined || dest !== undefined) {
    return isOnly(mode ?? ['navigate'], 'navigate') && isOnly(dest ?? ['document'], 'document');
  }
  return (
    method === 'GET' &&
    !headers.has('x-requested-with') &&
    (headers.get('accept') ?? []).some((accept) => /(^|[ ,])text\/html(?:[ ;,]|$)/i.test(accept))
  );
}

const isOnly = (values: readonly string[], wanted: string): boolean => values.length === 1 && values[0] === wanted;

/** Whether a request may change something: by its method, or as the start of a WebSocket, which no same-origin policy guards. */
export const isUnsafe = ({ method, headers }: Asked): boolean =>
  !safeMethods.has(method) || headers.has('upgrade') || headers.has('sec-websocket-key');

/**
 * Whether a browser says that a page of the origin itself caused the request. Scripts can forge neither of the two headers;
 * one of them is enough, and one that speaks of another origin is enough to refuse.
 */
export function isSameOrigin({ headers }: Asked, origin: string): boolean {
  const says = (name: string, own: string): boolean | undefined =>
    headers.has(name) ? singleHeader(headers, name) === own : undefined;
  // A page that hides where its links lead from sends "null", to its own origin too: that says nothing.
  const stated = singleHeader(headers, 'origin') === 'null' ? undefined : says('origin', origin);
  const words = [says('sec-fetch-site', 'same-origin'), stated];
  return words.includes(true) && !words.includes(false);
}

/** Whether a person asked for a page by a link of the origin itself or by the address bar. */
export const isOwnNavigation = (asked: Asked): boolean => {
  const site = singleHeader(asked.headers, 'sec-fetch-site');
  return isNavigation(asked) && (site === 'same-origin' || site === 'none');
};
