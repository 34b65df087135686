import { jwt } from '../../src/authn/jwt.ts';
import { authnDeps, never, openTime, type TestTime } from './authn.ts';
import { recordIssues } from './recording-context.ts';
import { aRequest } from './requests.ts';

/** A jwt identity that was built of options, and what it says. */
export interface JwtSpecimen {
  /** "path message" each. */
  readonly issues: readonly string[];
  /** Takes a token and gives the reason of its refusal, or "pass". */
  judge(token: string): Promise<string>;
}

/** Builds a jwt identity of the issuer https://idp.example for the audience orders, with these options. */
export function aJwtIdentity(
  options: Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, string>> = {},
  time: TestTime = openTime(),
): JwtSpecimen {
  const { context, issues } = recordIssues(files);
  const sound = { issuer: 'https://idp.example', audience: ['orders'], algorithms: ['ES256'] };
  const authenticator = jwt.build('users', { ...sound, ...options }, context, authnDeps(time));
  return {
    issues,
    judge: async (token) => {
      const verdict = await authenticator.authenticate(
        aRequest({ headers: { authorization: `Bearer ${token}` } }),
        never,
      );
      return 'reason' in verdict ? verdict.reason : verdict.kind;
    },
  };
}

/** Claims that such an identity takes, of a token that was issued when test time begins. */
export const soundClaims = Object.freeze({
  iss: 'https://idp.example',
  sub: 'alice',
  aud: 'orders',
  iat: Date.UTC(2026, 0, 15) / 1000,
  exp: Date.UTC(2026, 0, 15) / 1000 + 300,
});
