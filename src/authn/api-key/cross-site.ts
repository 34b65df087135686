import { type NormalRequest, singleHeader } from '../../core/attributes.ts';
import { isUnsafe } from '../browser.ts';

/**
 * Whether a page of another origin makes a browser change something: it sends cookies along by itself. Only browsers send
 * these headers, and scripts can forge neither; whoever sends none of them is no browser, and has the key.
 */
export function isCrossSite(request: NormalRequest): boolean {
  const { headers, attributes } = request;
  if (!isUnsafe(request)) return false;
  if (headers.has('sec-fetch-site')) {
    const site = singleHeader(headers, 'sec-fetch-site');
    return site !== 'same-origin' && site !== 'none';
  }
  if (!headers.has('origin')) return false;
  const origin = URL.parse(singleHeader(headers, 'origin') ?? '')?.host;
  // The scheme may have changed on the way to us, where TLS ends before the proxy.
  const own = ['http', 'https'].map((scheme) => URL.parse(`${scheme}://${attributes.host}`)?.host);
  return origin === undefined || origin === '' || !own.includes(origin);
}
