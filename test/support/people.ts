import { randomBytes } from 'node:crypto';
import type { AuthnDeps } from '../../src/authn/index.ts';
import { openTime, type TestTime } from './authn.ts';
import { type LoginGateway, openLoginGateway, publicUrl, sessionKey } from './login-gateway.ts';
import { type OpenIdProvider, openOpenIdProvider } from './openid-provider.ts';

/** A provider and gateways that send people to it. */
export interface People {
  readonly time: TestTime;
  readonly provider: OpenIdProvider;
  /** Options of an oidc identity of this provider; members replace those of the same name. */
  options(more?: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  /** Options of its session, for such a member. */
  session(more?: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  /** A replica; closed with the people. */
  gateway(more?: Readonly<Record<string, unknown>>, shared?: Partial<AuthnDeps>): LoginGateway;
  close(): Promise<void>;
}

/** Opens both, by a clock that begins now and stands still. */
export async function openPeople(): Promise<People> {
  const time = openTime(Date.now());
  const provider = await openOpenIdProvider(time.clock);
  const files = { 'session.key': sessionKey(), 'other.key': randomBytes(48).toString('base64url') };
  const gateways: LoginGateway[] = [];
  const session: People['session'] = (more = {}) => ({ session: { keys_files: ['session.key'], ...more } });
  const options: People['options'] = (more = {}) => ({
    issuer: provider.issuer,
    client: { id: provider.clientId, secret: provider.clientSecret },
    public_url: publicUrl,
    ...session(),
    ...more,
  });
  return {
    time,
    provider,
    options,
    session,
    gateway: (more, shared) => {
      const gateway = openLoginGateway(options(more), files, time, shared);
      gateways.push(gateway);
      return gateway;
    },
    close: async () => {
      for (const gateway of gateways) gateway.close();
      await provider.close();
    },
  };
}
