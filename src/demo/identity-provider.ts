import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { Provider } from 'oidc-provider';
import { fromCheckout } from './packages.ts';
import type { Account } from './provider/accounts.ts';
import { createMemory, type ProviderMemory } from './provider/adapter.ts';
import { configurationOf, type GatewayClient } from './provider/configuration.ts';
import { answerInteractions } from './provider/interactions.ts';
import { addNamedUserGrant } from './provider/named-user.ts';
import { listenOnLoopback } from './servers.ts';
import { browserClient, type TokenSource } from './token.ts';

/** What the provider serves besides tokens for the tour. */
export interface IdentityProviderOptions {
  /** The gateway whose logins it serves; none by default. */
  readonly gateway?: GatewayClient;
  /** Seconds until an access token of a login has to be renewed; five minutes by default. */
  readonly tokenSeconds?: number;
}

/** A running identity provider, and how to get tokens from it. */
export interface IdentityProvider extends TokenSource {
  readonly port: number;
  /** The secret of the client that the gateway is. */
  readonly browserSecret: string;
  /** Ends every session of an account, as an administrator would: the gateway is told of each (OpenID Connect Back-Channel Logout). */
  signOut(account: Account): Promise<void>;
  /** Forgets every session of an account and tells nobody: what was issued cannot be renewed. */
  forget(account: Account): Promise<void>;
  /** Goes away: nothing listens any more. */
  close(): Promise<void>;
  /** Comes back on the same port with the same keys. */
  reopen(): Promise<void>;
}

/**
 * A certified OpenID provider with keys of its own, new at every start: discovery, JWKS, access tokens as JWTs (RFC 9068)
 * with the account's roles for a grant that names the user, and logins in the browser.
 */
export async function startIdentityProvider(
  port: number,
  { gateway, tokenSeconds = 300 }: IdentityProviderOptions = {},
): Promise<IdentityProvider> {
  const { Provider, interactionPolicy } = await fromCheckout(() => import('oidc-provider'));
  // The issuer's name needs the port, so the server listens before the provider exists.
  let handle: RequestListener | undefined;
  const listen = (at: number) => listenOnLoopback(at, (request, response) => handle?.(request, response));
  let server = await listen(port);
  const issuer = `http://127.0.0.1:${server.port}`;
  const [clientSecret, browserSecret] = [newSecret(), newSecret()];
  const memory = createMemory();
  const provider = new Provider(
    issuer,
    configurationOf({ clientSecret, browserSecret, gateway, tokenSeconds, memory, policy: interactionPolicy }),
  );
  addNamedUserGrant(provider);
  const [protocol, pages] = [provider.callback(), answerInteractions(provider)];
  handle = (request, response) => (request.url?.startsWith('/interaction/') ? pages : protocol)(request, response);
  return {
    port: server.port,
    issuer,
    clientSecret,
    browserSecret,
    signOut: async (account) => {
      const client = await provider.Client.find(browserClient);
      // It is there in every client, and only the package's types do not know of it.
      const tell = client?.['backchannelLogout'] as ((sub: string, sid: string) => Promise<void>) | undefined;
      for (const sid of await endSessions(account, provider, memory)) await tell?.call(client, account, sid);
    },
    forget: async (account) => {
      await endSessions(account, provider, memory);
    },
    close: () => server.close(),
    reopen: async () => {
      server = await listen(server.port);
    },
  };
}

const newSecret = (): string => randomBytes(32).toString('base64url');

/** Ends all sessions of an account, and gives the names by which the gateway knows them. */
async function endSessions(account: Account, provider: Provider, memory: ProviderMemory): Promise<readonly string[]> {
  const sids: string[] = [];
  for (const { jti, accountId, authorizations } of memory.all('Session')) {
    if (accountId !== account || jti === undefined) continue;
    const { sid, grantId } = authorizations?.[browserClient] ?? {};
    await (await provider.Session.find(jti))?.destroy();
    if (grantId !== undefined) await provider.RefreshToken.revokeByGrantId(grantId);
    if (sid !== undefined) sids.push(sid);
  }
  return sids;
}
