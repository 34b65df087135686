// node test/bench/sessions.ts: what a session cookie adds to a decision, from the bytes of a Check call to the bytes of its
// answer. The cases take turns in one process with the same request under a rule that looks at no credential; what counts is
// processor time, and the figure is the median of the rounds.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { openSealer } from '../../src/authn/oidc/seal.ts';
import { encodeSession, type Session } from '../../src/authn/oidc/session.ts';
import { keepInStore } from '../../src/authn/oidc/shared-sessions.ts';
import { newDecisionId } from '../../src/cli/handlers.ts';
import { openConfig } from '../../src/config/open.ts';
import { noBans } from '../../src/core/ban.ts';
import { systemClock } from '../../src/core/clock.ts';
import { silentTracing } from '../../src/core/ports.ts';
import { check } from '../../src/flow/check.ts';
import { inlinePool } from '../../src/inspect/index.ts';
import { algorithms } from '../../src/limit/index.ts';
import { createMemoryStore } from '../../src/store/index.ts';
import { authnDeps, never, openTime } from '../support/authn.ts';
import { allows, checkMessage } from '../support/check-messages.ts';
import { noFeeds } from '../support/feeds.ts';

const rounds = 31;
const turns = 1000;
const key = randomBytes(32);
const issuer = 'https://idp.example/realms/shop';
const publicUrl = 'https://app.example.com';
const nowMs = Date.now();

/** A session as the tokens of common providers make it: about 900 characters each. */
const session = (id: string): Session => ({
  id,
  generation: 0,
  loginMs: nowMs,
  seenMs: nowMs,
  renewedMs: nowMs,
  validMs: nowMs + 3_600_000,
  sub: 'f3b1c0de-5c0d-4d7e-9c39-2f1f8d6a7e55',
  sid: '0b7a53f7-8e0b-4f0a-a5b8-2b7f3c1d9e10',
  nonce: randomBytes(32).toString('base64url'),
  granted: ['openid', 'profile', 'email'],
  claims: {
    iss: issuer,
    sub: 'f3b1c0de-5c0d-4d7e-9c39-2f1f8d6a7e55',
    aud: 'portcullis',
    exp: nowMs / 1000 + 3600,
    realm_access: { roles: ['offline_access', 'uma_authorization', 'reader', 'editor'] },
    email: 'alice@shop.example',
    email_verified: true,
    preferred_username: 'alice',
  },
  refreshToken: randomBytes(450).toString('base64url'),
  idToken: randomBytes(700).toString('base64url'),
});

const identity = (store: string): string =>
  `{ oidc: { issuer: "${issuer}", client: { id: portcullis, secret: s }, public_url: "${publicUrl}",
     roles_claim: realm_access.roles, session: { store: ${store}, keys_files: [session.key] } } }`;
const config = `
version: 1
listen: { public: "127.0.0.1:9193" }
identity:
  cookie: ${identity('cookie')}
  shared: ${identity('shared')}
rules:
  - { id: open, match: { path: /open }, allow: anonymous }
  - { id: cookie, match: { path: /cookie }, identity: [cookie] }
  - { id: shared, match: { path: /shared }, identity: [shared] }
`;

const base = authnDeps({ ...openTime(), clock: systemClock });

/** A call of the whole page on a plan of this config. */
function openPage(): (message: Uint8Array) => Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-'));
  writeFileSync(join(folder, 'portcullis.yaml'), config);
  writeFileSync(join(folder, 'session.key'), key.toString('base64'));
  const opening = openConfig(join(folder, 'portcullis.yaml'), {});
  const store = createMemoryStore({ algorithms, clock: systemClock, maxKeys: 1000 });
  const others = { inspection: inlinePool, feeds: noFeeds, bans: noBans };
  const plan = opening.compile({ ...base, store, local: store, ...others })?.plan;
  rmSync(folder, { recursive: true });
  assert.ok(plan, JSON.stringify(opening.issues()));
  const deps = { ...base, plan: () => plan, newId: newDecisionId, audit: { record: () => {} }, tracing: silentTracing };
  const call = { traceparent: undefined, signal: never, remainingMs: undefined };
  return (message) => check(message, call, { ...deps, budgetMs: 2000 });
}

const contextOf = (id: string): readonly string[] => [id, issuer, publicUrl, `__Host-portcullis-${id}`];
const sealer = openSealer([key], 'session');

/** The Cookie header of a session, beside two cookies of the application. */
function cookieOf(id: string, text: string): string {
  const name = `__Host-portcullis-${id}`;
  const parts = [`1.${text}`.length > 3800 ? `2.${text}`.slice(0, 3800) : `1.${text}`, `2.${text}`.slice(3800)];
  const more = `1.${text}`.length > 3800 ? `; ${name}.1=${parts[1]}` : '';
  return `theme=dark; ${name}=${parts[0]}${more}; _ga=GA1.2.1234567890.1234567890`;
}

async function costOf(turn: (index: number) => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let index = 0; index < turns; index += 1) await turn(index);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / turns;
}

const median = (figures: readonly number[]): number =>
  figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;

const page = openPage();
const inCookie = cookieOf('cookie', sealer.seal(encodeSession(session('one')), contextOf('cookie')));
const keeper = keepInStore({
  sealer,
  context: contextOf('shared'),
  principalOf: () => undefined,
  cache: { maxSessions: 1000, maxBytes: 1024 ** 2 },
  records: openSealer([key], 'record'),
  values: base.state.values,
  clock: systemClock,
  idleMs: 1_800_000,
  absoluteMs: 43_200_000,
});
const inStore = cookieOf('shared', await keeper.begin(session('two')));
const fresh = Array.from({ length: turns }, (_, index) =>
  checkMessage({
    path: '/cookie',
    headers: { cookie: cookieOf('cookie', sealer.seal(encodeSession(session(String(index))), contextOf('cookie'))) },
  }),
);
const message = (path: string, cookie: string): Uint8Array => checkMessage({ path, headers: { cookie } });
const known = {
  open: message('/open', inCookie),
  cookie: message('/cookie', inCookie),
  openShared: message('/open', inStore),
  shared: message('/shared', inStore),
};
for (const one of [...Object.values(known), ...fresh.slice(0, 1)]) assert.ok(allows(await page(one)));

// A cookie is new once to each process: every round has cookies of its own.
const cases: readonly (readonly [name: string, turn: (index: number) => Promise<unknown>])[] = [
  ['a decision that looks at no credential', () => page(known.open)],
  ['a session in its cookie, which is remembered', () => page(known.cookie)],
  ['a decision that looks at no credential, small cookie', () => page(known.openShared)],
  ['a session in the store, which is remembered', () => page(known.shared)],
  [
    'one opening of a session cookie alone',
    async () =>
      sealer.open(inCookie.slice(inCookie.indexOf('=1.') + 3, inCookie.indexOf('; _ga')), contextOf('cookie')),
  ],
];
const figures = cases.map((): number[] => []);
for (let round = 0; round < rounds; round += 1) {
  for (const [index, [, turn]] of cases.entries()) {
    figures[index]?.push(await costOf(turn));
    await setImmediate();
  }
}
const row = (name: string, ...microseconds: readonly number[]): void =>
  console.log(`${name.padEnd(56)}${microseconds.map((one) => one.toFixed(2).padStart(10)).join('')} µs`);
const summaries = figures.map((list) => [median(list.slice(1)), Math.min(...list)] as const);
const [open = [0, 0], cookie = [0, 0], openShared = [0, 0], shared = [0, 0]] = summaries;
console.log(
  `a session cookie of ${inCookie.length} characters, a shared one of ${inStore.length}: the median, the best round\n`,
);
for (const [index, [name]] of cases.entries()) row(name, ...(summaries[index] ?? []));
row('so a session in its cookie adds', cookie[0] - open[0], cookie[1] - open[1]);
row('so a session in the store adds', shared[0] - openShared[0], shared[1] - openShared[1]);
const before = process.cpuUsage();
for (const one of fresh.slice(1)) await page(one);
const { user, system } = process.cpuUsage(before);
row('a decision about a session cookie that is new', (user + system) / (fresh.length - 1));
