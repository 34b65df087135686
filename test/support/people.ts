import { randomBytes } from 'node:crypto';
import { after, afterEach } from 'node:test';
import type { AuthnDeps } from '../../src/authn/index.ts';
import { openTime, type TestTime } from './authn.ts';
import { type LoginGateway, openLoginGateway, publicUrl, sessionKey } from './login-gateway.ts';
import { type OpenIdProvider, openOpenIdProvider } from './openid-provider.ts';

/** A provider and gateways that send people to it. */
interface People {
  readonly time: TestTime;
  readonly provider: OpenIdProvider;
  /** Options of an oidc identity of this provider; members replace those of the same name. */
  options(more?: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  /** Options of its session, for such a member. */
  session(more?: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  /** A replica; closed after the last test. */
  gateway(more?: Readonly<Record<string, unknown>>, shared?: Partial<AuthnDeps>): LoginGateway;
}

/**
 * Opens both for the tests of a file, by a clock that begins now and stands still. After each test the provider behaves again;
 * after the last one all are closed.
 */
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
  afterEach(() => {
    provider.say({});
    provider.release();
  });
  after(async () => {
    for (const gateway of gateways) gateway.close();
    await provider.close();
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
  };
}
