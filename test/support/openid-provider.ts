import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Clock } from '../../src/core/clock.ts';
import { listenOnLoopback } from '../../src/demo/servers.ts';
import { jwksOf, makeKey, signToken, type TestKey } from './tokens.ts';

/** Members of an answer; undefined leaves one out. */
type Members = Readonly<Record<string, unknown>>;

/** How the provider answers at a path instead of as it should. */
export type Mischief =
  | { readonly kind: 'status'; readonly status: number; readonly body?: string; readonly type?: string }
  /** No answer until released. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'close' };

/** An OpenID provider that logs everybody in at once, and lies when it is told to. */
export interface OpenIdProvider {
  readonly issuer: string;
  readonly key: TestKey;
  readonly clientId: string;
  readonly clientSecret: string;
  /** "METHOD /path" of all requests, in their order. */
  readonly asked: readonly string[];
  /** Every secret that it has handed out: codes, tokens. */
  readonly secrets: readonly string[];
  /** What it says otherwise from now on; replaces what was said before. */
  say(otherwise: {
    readonly metadata?: Members;
    readonly authorize?: Members;
    readonly idToken?: Members;
    readonly idHeader?: Members;
    readonly tokens?: Members;
    readonly userinfo?: Members;
    /** Signs ID tokens with this key. */
    readonly key?: TestKey;
    /** Seconds that tokens live; 300 where nothing is said. */
    readonly lifeSeconds?: number;
  }): void;
  misbehave(path: string, mischief: Mischief | undefined): void;
  release(): void;
  /** A logout token for these claims. */
  logoutToken(claims: Members, header?: Members, key?: TestKey): string;
  close(): Promise<void>;
}

interface Grant {
  readonly nonce: string | null;
  readonly challenge: string | null;
  readonly sid: string;
  readonly authTime: number;
  readonly acr: string | undefined;
}

const audience = 'portcullis';

/** All that a provider keeps. */
interface State {
  issuer: string;
  said: Parameters<OpenIdProvider['say']>[0];
  hanging: (() => void)[];
  readonly clock: Clock;
  readonly key: TestKey;
  readonly clientSecret: string;
  readonly codes: Map<string, Grant>;
  readonly refreshTokens: Map<string, Grant>;
  readonly secrets: string[];
  readonly mischiefs: Map<string, Mischief>;
}

const secondsOf = ({ clock }: State): number => Math.floor(clock.nowMs() / 1000);

function secretOf({ secrets }: State): string {
  const made = randomBytes(24).toString('base64url');
  secrets.push(made);
  return made;
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

function authorize(state: State, { searchParams: asks }: URL, response: ServerResponse): void {
  const code = secretOf(state);
  state.codes.set(code, {
    nonce: asks.get('nonce'),
    challenge: asks.get('code_challenge'),
    sid: randomBytes(8).toString('hex'),
    authTime: secondsOf(state),
    acr: asks.get('acr_values')?.split(' ')[0],
  });
  const back = new URL(asks.get('redirect_uri') ?? '');
  const members = { code, state: asks.get('state'), iss: state.issuer, ...state.said.authorize };
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined) back.searchParams.append(name, String(value));
  }
  response.writeHead(303, { location: back.href }).end();
}

function tokensOf(state: State, grant: Grant, first: boolean): Members {
  const { said, issuer, key } = state;
  const life = said.lifeSeconds ?? 300;
  const [accessToken, refreshToken] = [secretOf(state), secretOf(state)];
  state.refreshTokens.set(refreshToken, grant);
  const claims = {
    iss: issuer,
    sub: 'alice',
    aud: audience,
    exp: secondsOf(state) + life,
    iat: secondsOf(state),
    auth_time: grant.authTime,
    sid: grant.sid,
    roles: ['reader'],
    at_hash: createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url'),
    ...(first && grant.nonce !== null && { nonce: grant.nonce }),
    ...(grant.acr !== undefined && { acr: grant.acr }),
    ...said.idToken,
  };
  const idToken = signToken(said.key ?? key, claims, { typ: 'JWT', ...said.idHeader });
  state.secrets.push(idToken);
  return {
    access_token: accessToken,
    refresh_token: refreshToken,
    id_token: idToken,
    token_type: 'Bearer',
    expires_in: life,
    ...said.tokens,
  };
}

async function grantTokens(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = new URLSearchParams(await text(request));
  const basic = `Basic ${Buffer.from(`${audience}:${state.clientSecret}`).toString('base64')}`;
  if (request.headers.authorization !== basic) return json(response, 401, { error: 'invalid_client' });
  const renews = form.get('grant_type') === 'refresh_token';
  const used = form.get(renews ? 'refresh_token' : 'code') ?? '';
  const store = renews ? state.refreshTokens : state.codes;
  const grant = store.get(used);
  // Whatever is handed in is good once.
  store.delete(used);
  const verified = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  if (grant === undefined || (!renews && grant.challenge !== verified)) {
    return json(response, 400, { error: 'invalid_grant', error_description: `of ${used}` });
  }
  json(response, 200, tokensOf(state, grant, !renews));
}

const metadataOf = ({ issuer, said }: State): Members => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/userinfo`,
  end_session_endpoint: `${issuer}/end`,
  revocation_endpoint: `${issuer}/revoke`,
  jwks_uri: `${issuer}/jwks`,
  id_token_signing_alg_values_supported: ['ES256'],
  authorization_response_iss_parameter_supported: true,
  code_challenge_methods_supported: ['S256'],
  ...said.metadata,
});

/** Whether the answer is taken care of. */
function doMischief(state: State, path: string, again: () => void, response: ServerResponse): boolean {
  const mischief = state.mischiefs.get(path);
  switch (mischief?.kind) {
    case undefined:
      return false;
    case 'hang':
      state.hanging.push(again);
      return true;
    case 'close':
      response.destroy();
      return true;
    case 'status':
      response.writeHead(mischief.status, { 'content-type': mischief.type ?? 'application/json' });
      response.end(mischief.body ?? '{}');
      return true;
    default:
      return mischief satisfies never;
  }
}

async function serve(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', state.issuer);
  if (doMischief(state, url.pathname, () => void serve(state, request, response), response)) return;
  switch (url.pathname) {
    case '/.well-known/openid-configuration':
      return json(response, 200, metadataOf(state));
    case '/jwks':
      return json(response, 200, jwksOf(state.key));
    case '/authorize':
      return authorize(state, url, response);
    case '/token':
      return grantTokens(state, request, response);
    case '/userinfo':
      return json(response, 200, { sub: 'alice', roles: ['editor'], ...state.said.userinfo });
    case '/revoke':
      return json(response, 200, {});
    default:
      return json(response, 404, {});
  }
}

/** Opens the provider; everybody is alice. */
export async function openOpenIdProvider(clock: Clock): Promise<OpenIdProvider> {
  const clientSecret = randomBytes(24).toString('hex');
  const state: State = {
    issuer: '',
    said: {},
    hanging: [],
    clock,
    key: makeKey('ES256'),
    clientSecret,
    codes: new Map(),
    refreshTokens: new Map(),
    secrets: [clientSecret],
    mischiefs: new Map(),
  };
  const asked: string[] = [];
  const server = await listenOnLoopback(0, (request, response) => {
    asked.push(`${request.method} ${new URL(request.url ?? '', 'http://x').pathname}`);
    void serve(state, request, response);
  });
  state.issuer = `http://127.0.0.1:${server.port}`;
  const { issuer, key } = state;
  return {
    issuer,
    key,
    clientId: audience,
    clientSecret,
    asked,
    secrets: state.secrets,
    say: (otherwise) => {
      state.said = otherwise;
    },
    misbehave: (path, mischief) => {
      if (mischief === undefined) state.mischiefs.delete(path);
      else state.mischiefs.set(path, mischief);
    },
    release: () => {
      const waiting = state.hanging.splice(0);
      state.mischiefs.clear();
      for (const run of waiting) run();
    },
    logoutToken: (claims, header = {}, signer = key) => {
      const times = { iat: secondsOf(state), exp: secondsOf(state) + 120, jti: randomBytes(8).toString('hex') };
      const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
      return signToken(
        signer,
        { iss: issuer, aud: audience, ...times, events, ...claims },
        { typ: 'logout+jwt', ...header },
      );
    },
    close: server.close,
  };
}
