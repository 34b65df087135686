import { randomUUID } from 'node:crypto';
import type { Provider } from 'oidc-provider';
import { namedUserGrant } from '../token.ts';
import { accountNames, isAccount } from './accounts.ts';
import { orders, ordersResource } from './configuration.ts';

/** Adds the grant that issues an access token for a user by name: in place of a login, for the demo's own client alone. */
export function addNamedUserGrant(provider: Provider): void {
  provider.registerGrantType<{ account?: string }>(
    namedUserGrant,
    async (ctx) => {
      const { account = '' } = ctx.oidc.params;
      if (!isAccount(account)) {
        ctx.status = 400;
        ctx.body = {
          error: 'invalid_grant',
          error_description: `no such account; there are ${accountNames.join(', ')}`,
        };
        return;
      }
      const token = new provider.AccessToken({
        client: ctx.oidc.client,
        accountId: account,
        grantId: randomUUID(),
        gty: namedUserGrant,
        resourceServer: new provider.ResourceServer(ordersResource, orders),
      });
      ctx.body = { access_token: await token.save(), expires_in: token.expiration, token_type: token.tokenType };
    },
    ['account'],
  );
}
