import type { BuildContext } from '../core/build.ts';
import {
  type Authenticator,
  type AuthenticatorKind,
  type AuthnDeps,
  guarded,
  plainAuthenticator,
} from './authenticator.ts';
import { authenticate, describe } from './oidc/authenticate.ts';
import { backchannelLogoutPage } from './oidc/backchannel-logout.ts';
import { callbackPage } from './oidc/callback.ts';
import { hasCookie, readCookie } from './oidc/cookies.ts';
import { loginPage } from './oidc/login-page.ts';
import { logoutPage } from './oidc/logout.ts';
import { openParts } from './oidc/open-parts.ts';
import { readOidcOptions } from './oidc/options.ts';
import { challengeOf } from './oidc/parts.ts';
import { oidcSchema } from './oidc/schema.ts';
import { logIn } from './oidc/send-to-login.ts';

/** Logins in the browser: OpenID Connect's authorization code flow with PKCE, and a session cookie. */
export const oidc: AuthenticatorKind = Object.freeze({ schema: oidcSchema, build: buildOidc });

function buildOidc(id: string, raw: unknown, context: BuildContext, deps: AuthnDeps): Authenticator {
  const options = readOidcOptions(id, raw, context);
  const { parts, keySets } = openParts(id, options, deps);
  const { cookie } = options.session;
  return {
    ...plainAuthenticator,
    id,
    kind: 'oidc',
    places: [{ in: 'cookie', name: cookie }],
    // Further parts of the cookie, and logins that are under way.
    companions: [{ in: 'cookie', name: `${cookie}.*` }],
    challenge: challengeOf(parts),
    issuer: options.issuer,
    keySets,
    present: ({ headers }) => hasCookie(headers, cookie),
    recognises: ({ headers }) => {
      const presented = readCookie(headers, cookie);
      return presented.kind === 'text' && parts.keeper.recognises(presented.text);
    },
    authenticate: (request, signal) => guarded(signal, () => authenticate(parts, request, signal)),
    watch: (request, signal) => guarded(signal, () => authenticate({ ...parts, watches: true }, request, signal)),
    describe: (request) => describe(parts, request),
    login: (request, demand, signal) => logIn(parts, request, demand, signal),
    endpoints: new Map([
      [`${id}/login`, loginPage(parts)],
      [`${id}/callback`, callbackPage(parts)],
      [`${id}/logout`, logoutPage(parts)],
      [`${id}/backchannel-logout`, backchannelLogoutPage(parts)],
    ]),
    publishedKeys: options.client.publishedKeys,
    ready: () => {
      // Whoever comes first should not wait for metadata; and sessions go on while the provider is away.
      parts.provider.ready();
      return true;
    },
  };
}
