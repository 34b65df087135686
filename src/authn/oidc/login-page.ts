import type { Endpoint } from '../../core/endpoint.ts';
import { queryParameters } from '../../core/query.ts';
import { isNavigation } from '../browser.ts';
import { beginLogin } from './login.ts';
import { problemPage, seeOther } from './page.ts';
import { type OidcParts, pagePath } from './parts.ts';
import { isLocal, returnAddress } from './return-address.ts';

const longestQuery = 4096;

/**
 * The page that begins a login for pages that anybody may see: `return_to` is a path on the public origin, and anything else
 * there leads to the landing page.
 */
export const loginPage = (parts: OidcParts): Endpoint => ({
  methods: ['GET'],
  handle: async (request, signal) => {
    const { landing } = parts.options.login;
    const lead = { path: pagePath(parts.id, 'login'), words: 'Log in' };
    if (!isNavigation(request) || request.query.length > longestQuery) {
      return problemPage(request, 'request_malformed', lead);
    }
    const [wanted = landing, ...others] = queryParameters(request.query)
      .filter(({ name }) => name === 'return_to')
      .map(({ value }) => value ?? '');
    const returnTo = others.length === 0 && isLocal(wanted) ? returnAddress(wanted, '', landing) : landing;
    const begun = await beginLogin(parts, request.headers, { returnTo, renews: false, demand: undefined }, signal);
    return begun === undefined
      ? problemPage(request, 'provider_unavailable', lead)
      : seeOther(begun.location, begun.cookies);
  },
});
