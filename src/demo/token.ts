import { SetupProblem } from '../envoy/problem.ts';

/** The grant of the demo's provider that issues an access token for a user by name. */
export const namedUserGrant = 'urn:portcullis:demo:grant:named-user';

/** The client that the gateway is when people log in. */
export const browserClient = 'browser';

/** Where access tokens come from. */
export interface TokenSource {
  /** The provider's base URL. */
  readonly issuer: string;
  readonly clientSecret: string;
}

/** An access token for the account, fresh from the provider's token endpoint. Rejects with a SetupProblem that says why. */
export async function requestToken(source: TokenSource, account: string): Promise<string> {
  const response = await fetch(`${source.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`demo:${source.clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: namedUserGrant, account }),
    signal: AbortSignal.timeout(10_000),
  }).catch((error: unknown) => {
    throw new SetupProblem(`The identity provider at ${source.issuer} does not answer.`, { cause: error });
  });
  const answer: unknown = await response.json().catch(() => undefined);
  const token =
    answer !== null && typeof answer === 'object' && 'access_token' in answer ? answer.access_token : undefined;
  if (typeof token !== 'string') {
    throw new SetupProblem(`The identity provider at ${source.issuer} gives no token: ${JSON.stringify(answer)}`);
  }
  return token;
}
