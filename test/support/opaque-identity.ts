import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Authenticator, AuthnDeps } from '../../src/authn/authenticator.ts';
import { introspection } from '../../src/authn/introspection.ts';
import type { Identified } from '../../src/core/identified.ts';
import { silentLog, silentSignals } from '../../src/core/ports.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { authnDeps, never, openTime } from './authn.ts';
import { openIntrospectionServer } from './introspection-server.ts';
import { recordIssues } from './recording-context.ts';
import { aRequest } from './requests.ts';

/** The secret of the client that asks. */
export const secret = 'planted-client-secret';

/** Seconds since the epoch at the time that tests begin with. */
export const seconds = openTime().clock.nowMs() / 1000;

/** What a provider says of a good token of alice. */
export const alice = {
  active: true,
  sub: 'alice',
  aud: 'orders',
  exp: seconds + 300,
  iat: seconds,
  scope: 'a b',
  roles: ['reader'],
};

/** An identity of opaque tokens, the server that it asks, and what it tells of that. */
export async function openOpaqueIdentity(
  context: TestContext,
  change: Readonly<Record<string, unknown>> = {},
  certificates?: AuthnDeps['certificates'],
) {
  const server = await openIntrospectionServer();
  context.after(server.close);
  const time = openTime();
  const logged: unknown[] = [];
  const lookups: string[] = [];
  const calls: string[] = [];
  const log = {
    ...silentLog,
    warn: (fields: unknown) => logged.push(fields),
    error: (fields: unknown) => logged.push(fields),
  };
  const deps: AuthnDeps = {
    ...authnDeps(time),
    ...(certificates && { certificates }),
    log,
    signals: {
      ...silentSignals,
      introspected: (_, from, outcome) => lookups.push(`${from} ${outcome}`),
      providerCalled: (_, endpoint, outcome) => calls.push(`${endpoint} ${outcome}`),
    },
  };
  const options = { url: server.url, client: { id: 'gateway', secret }, audience: ['orders'], ...change };
  const build = (): Authenticator => {
    const { context: building, issues } = recordIssues();
    const authenticator = introspection.build('opaque', options, building, deps);
    assert.deepEqual(issues, []);
    return authenticator;
  };
  const authenticator = build();
  const present = async (token: string, signal = never): Promise<Verdict<Identified>> =>
    authenticator.authenticate(aRequest({ headers: { authorization: `Bearer ${token}` } }), signal);
  const reasonFor = async (token: string, signal = never): Promise<string> => reasonOf(await present(token, signal));
  return { server, time, logged, lookups, calls, build, authenticator, present, reasonFor };
}

/** The reason of a verdict, or its kind. */
export const reasonOf = (verdict: Verdict<Identified>): string =>
  verdict.kind === 'reject' || verdict.kind === 'fail' ? verdict.reason : verdict.kind;
