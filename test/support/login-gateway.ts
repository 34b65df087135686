import { randomBytes } from 'node:crypto';
import {
  type Authenticator,
  type AuthnDeps,
  authenticators,
  createKeySets,
  identifySteps,
  openRevocations,
} from '../../src/authn/index.ts';
import type { AccountAct } from '../../src/core/account.ts';
import type { HeaderMutation } from '../../src/core/decision.ts';
import type { EndpointAnswer } from '../../src/core/endpoint.ts';
import type { Identified } from '../../src/core/identified.ts';
import type { Log } from '../../src/core/ports.ts';
import { silentSignals } from '../../src/core/ports.ts';
import type { StepUp, Verdict } from '../../src/core/verdict.ts';
import { reject } from '../../src/core/verdict.ts';
import { createOutbounds } from '../../src/outbound/registry.ts';
import { authnDeps, never, type TestTime } from './authn.ts';
import { type CookieJar, openCookieJar } from './cookie-jar.ts';
import { recordIssues } from './recording-context.ts';
import { aRequest, aSubject } from './requests.ts';

/** Where browsers find the gateway of these tests. */
export const publicUrl = 'https://app.example.com';

/** A key file's text. */
export const sessionKey = (): string => randomBytes(32).toString('base64');

/** The headers of a browser that is on its way to a page. */
export const navigation = Object.freeze({
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'none',
  accept: 'text/html',
});

/** What a test says of a request to the gateway. */
interface Visit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A browser before the gateway. */
export interface Browser {
  readonly jar: CookieJar;
  /** What a rule with this identity alone makes of a request; a cookie that comes back is kept. */
  ask(path: string, visit?: Visit): Promise<Verdict<Identified>>;
  /** The same, where the rule demands a stronger login of whoever passes. */
  stepUp(path: string, demand: StepUp): Promise<Verdict<Identified>>;
  /** Follows redirects, through the provider too, from a URL or a path until something is answered here. */
  follow(location: string): Promise<EndpointAnswer>;
  /** A request to a page of ours; a cookie that comes back is kept. */
  page(path: string, visit?: Visit & { readonly body?: string }): Promise<EndpointAnswer>;
  /** Goes to a path, logs in, and says what the last page of ours answered. */
  logIn(path?: string): Promise<EndpointAnswer>;
}

/** One replica with one oidc identity. */
export interface LoginGateway {
  readonly authenticator: Authenticator;
  readonly deps: AuthnDeps;
  /** What audit was told. */
  readonly acts: readonly AccountAct[];
  /** What was logged, as text. */
  readonly logged: () => string;
  browser(jar?: CookieJar): Browser;
  close(): void;
}

/** Builds one replica of an oidc identity named "people"; replicas that share deps.state are of one fleet. */
export function openLoginGateway(
  options: Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, string>>,
  time: TestTime,
  shared: Partial<AuthnDeps> = {},
): LoginGateway {
  const lines: string[] = [];
  const acts: AccountAct[] = [];
  const line = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log: Log = { info: line('info'), warn: line('warn'), error: line('error') };
  const outbounds = createOutbounds();
  const { clock, timers } = time;
  const keySets = createKeySets({ clock, timers, signals: silentSignals, log, outbounds });
  const accounts = { account: (act: AccountAct) => void acts.push(act) };
  const plain = { ...authnDeps(time, keySets), outbounds, log, accounts, ...shared };
  const revocations = openRevocations(plain.state, clock);
  const deps: AuthnDeps = { ...plain, revocations };
  const { context, issues } = recordIssues(files);
  const authenticator = authenticators.oidc.build('people', options, context, deps);
  if (issues.length > 0) throw new Error(issues.join('\n'));
  const steps = identifySteps({
    selection: ['people'],
    optional: false,
    authenticators: new Map([['people', authenticator]]),
    revocations,
    context,
  });
  return {
    authenticator,
    deps,
    acts,
    logged: () => lines.join('\n'),
    browser: (jar = openCookieJar()) => openBrowser(authenticator, steps, jar),
    close: () => {
      keySets.close();
      revocations.close();
      void outbounds.close();
    },
  };
}

const cookiesOf = (headers: readonly HeaderMutation[]): readonly string[] =>
  headers.filter(({ name }) => name === 'set-cookie').map(({ value }) => value);

function openBrowser(authenticator: Authenticator, steps: ReturnType<typeof identifySteps>, jar: CookieJar): Browser {
  const sent = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
    const cookie = jar.header();
    return cookie === undefined ? headers : { cookie, ...headers };
  };
  const keep = <T extends Verdict<Identified>>(verdict: T): T => {
    if (verdict.kind === 'reject') jar.take(cookiesOf(verdict.headers));
    if (verdict.kind === 'pass') jar.take(cookiesOf(verdict.value.response));
    return verdict;
  };
  const requestOf = (path: string, { method = 'GET', headers = navigation }: Visit) => {
    const [bare = '/', query = ''] = path.split('?');
    return aRequest({ method, path: bare, query, host: 'app.example.com', headers: sent(headers) });
  };
  const browser: Browser = {
    jar,
    ask: async (path, visit = {}) =>
      keep(await steps.identify({ ...aSubject(), request: requestOf(path, visit) }, never)),
    stepUp: async (path, demand) => {
      const subject = { ...aSubject(), request: requestOf(path, {}) };
      const verdict = await steps.identify(subject, never);
      if (verdict.kind !== 'pass') return keep(verdict);
      const { principal } = verdict.value;
      const refused = reject('step_up_required', {}, { stepUp: demand });
      return keep(await steps.stepUp({ ...subject, principal }, refused, never));
    },
    page: async (path, { method = 'GET', headers = navigation, body = '' } = {}) => {
      const { pathname, search } = new URL(path, publicUrl);
      const endpoint = authenticator.endpoints.get(pathname.replace('/.portcullis/', ''));
      if (endpoint === undefined) throw new Error(`no page at ${pathname}`);
      const request = {
        method,
        host: 'app.example.com',
        path: pathname,
        query: search.slice(1),
        headers: new Map(Object.entries(sent(headers)).map(([name, value]) => [name, [value]] as const)),
        body: Buffer.from(body),
      };
      const answer = await endpoint.handle(request, never);
      jar.take(cookiesOf(answer.headers));
      return answer;
    },
    follow: async (location) => {
      let next = location;
      for (let hops = 0; hops < 10; hops += 1) {
        if (next.startsWith('/') || next.startsWith(publicUrl)) return browser.page(next);
        const response = await fetch(next, { redirect: 'manual' });
        next = response.headers.get('location') ?? '';
      }
      throw new Error('too many redirects');
    },
    logIn: async (path = '/') => {
      const verdict = await browser.ask(path);
      if (verdict.kind !== 'reject' || verdict.redirect === undefined)
        throw new Error(`not sent to log in: ${JSON.stringify(verdict)}`);
      return browser.follow(verdict.redirect);
    },
  };
  return browser;
}
