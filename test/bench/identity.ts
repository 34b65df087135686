// node test/bench/identity.ts: what identity adds to a decision, from the bytes of a Check call to the bytes of its
// answer. Each case takes turns, in one process, with the same request under a rule whose principal is handed to it: who
// calls has to be told to the upstream whatever proves it. The turns are short spells, so that neighbours of the machine
// and its pauses meet all cases alike; a round is the median of many spells, and what a case adds is told from each round
// by itself. Of the rounds the median is shown, and the least.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Authenticator, guarded, standIn } from '../../src/authn/authenticator.ts';
import { identifySteps } from '../../src/authn/identify.ts';
import { jwt as jwtKind } from '../../src/authn/jwt.ts';
import { signatureHolds } from '../../src/authn/token/signature.ts';
import { newDecisionId } from '../../src/cli/handlers.ts';
import { openConfig } from '../../src/config/open.ts';
import type { NormalRequest } from '../../src/core/attributes.ts';
import { noBans } from '../../src/core/ban.ts';
import { systemClock } from '../../src/core/clock.ts';
import { identified } from '../../src/core/identified.ts';
import type { Plan, Rule } from '../../src/core/plan.ts';
import { silentTracing } from '../../src/core/ports.ts';
import { noMemberships, type Principal } from '../../src/core/principal.ts';
import { passWith } from '../../src/core/verdict.ts';
import { check } from '../../src/flow/check.ts';
import { inlinePool } from '../../src/inspect/index.ts';
import { algorithms } from '../../src/limit/index.ts';
import { createMemoryStore } from '../../src/store/index.ts';
import { authnDeps, never, noRevocations, openTime } from '../support/authn.ts';
import { allows, checkMessage } from '../support/check-messages.ts';
import { noFeeds } from '../support/feeds.ts';
import { recordIssues } from '../support/recording-context.ts';
import { aRequest } from '../support/requests.ts';
import { jwksOf, makeKey, signToken } from '../support/tokens.ts';

/** Something to measure: a call a turn, which must be allowed; a promise where it is waited for. */
type Turn = (index: number) => unknown;

const key = makeKey('ES256');
const second = Math.floor(Date.now() / 1000);
const spells = 4500;
const fresh = 9000;
const rounds = 9;

/** A token as providers make them, of about 900 characters. */
const token = (id: string): string =>
  signToken(key, {
    iss: 'https://idp.example/realms/shop',
    sub: 'f3b1c0de-5c0d-4d7e-9c39-2f1f8d6a7e55',
    aud: ['orders', 'account'],
    azp: 'storefront',
    iat: second,
    nbf: second,
    exp: second + 3600,
    jti: id,
    sid: '0b7a53f7-8e0b-4f0a-a5b8-2b7f3c1d9e10',
    scope: 'openid profile email orders:read orders:write',
    realm_access: { roles: ['offline_access', 'uma_authorization', 'reader', 'editor'] },
    resource_access: { account: { roles: ['manage-account', 'manage-account-links', 'view-profile'] } },
    email: 'alice@shop.example',
    email_verified: true,
    preferred_username: 'alice',
  });

const config = `
version: 1
identity:
  users:
    jwt:
      issuer: https://idp.example/realms/shop
      audience: [orders]
      algorithms: [ES256]
      jwks: { inline: ${JSON.stringify(jwksOf(key))} }
      roles_claim: realm_access.roles
rules:
  - { id: open, match: { path: /open }, allow: anonymous }
  - { id: known, match: { path: /known }, identity: [users] }
  - { id: users, match: { path: /users }, identity: [users] }
`;

/** A call of the whole page on a plan of this config. */
function openPage(): (message: Uint8Array) => Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-'));
  writeFileSync(join(folder, 'portcullis.yaml'), config);
  const opening = openConfig(join(folder, 'portcullis.yaml'), {});
  const base = authnDeps({ ...openTime(), clock: systemClock });
  const store = createMemoryStore({ algorithms, clock: systemClock, maxKeys: 1000 });
  const others = { inspection: inlinePool, feeds: noFeeds, bans: noBans };
  const plan = opening.compile({ ...base, store, local: store, ...others })?.plan;
  rmSync(folder, { recursive: true });
  assert.ok(plan, JSON.stringify(opening.issues()));
  const handing = { ...plan, match: (request: NormalRequest) => handOver(plan.match(request)) };
  const deps = {
    ...base,
    plan: () => handing,
    newId: newDecisionId,
    audit: { record: () => {} },
    tracing: silentTracing,
    budgetMs: 2000,
  };
  const call = { traceparent: undefined, signal: never, remainingMs: undefined };
  return (message) => check(message, call, deps);
}

const principal: Principal = {
  source: 'known',
  id: 'f3b1c0de-5c0d-4d7e-9c39-2f1f8d6a7e55',
  key: 'known/f3b1c0de-5c0d-4d7e-9c39-2f1f8d6a7e55',
  kind: 'jwt',
  roles: new Set(['reader']),
  memberships: noMemberships,
  scopes: new Set(),
  issuer: undefined,
  credentialId: undefined,
  sessionId: undefined,
  issuedMs: undefined,
  expiresMs: undefined,
  boundBy: undefined,
  claims: {},
};

/** The step of a rule whose only identity looks at nothing. */
function identifyForNothing(): Rule['identify'] {
  const known: Authenticator = {
    ...standIn('known'),
    present: () => true,
    authenticate: (_request, signal) => guarded(signal, () => passWith(identified(principal))),
  };
  return identifySteps({
    selection: ['known'],
    optional: false,
    authenticators: new Map([['known', known]]),
    revocations: noRevocations,
    context: recordIssues().context,
  }).identify;
}

const forNothing = identifyForNothing();

/** The match, with a principal for nothing where the rule is the one called known. */
function handOver(found: ReturnType<Plan['match']>): ReturnType<Plan['match']> {
  const { decides } = found;
  if (!('rule' in decides) || decides.rule.id !== 'known') return found;
  return { ...found, decides: { ...decides, rule: { ...decides.rule, identify: forNothing } } };
}

/** Microseconds of a case, one figure a round. */
type Figures = readonly number[];

const median = (figures: Figures): number =>
  figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;

/** Measures cases in turns of so many calls, after as many spells as a round has, in which code is compiled. */
async function compare(measured: readonly Turn[], spells: number, calls: number): Promise<readonly Figures[]> {
  const length = Math.floor(spells / (rounds + 1));
  const figures: number[][] = measured.map(() => []);
  for (let spell = 0; spell < spells; spell += 1) {
    for (const [index, turn] of measured.entries()) {
      const start = process.hrtime.bigint();
      for (let call = 0; call < calls; call += 1) await turn(spell * calls + call);
      figures[index]?.push(Number(process.hrtime.bigint() - start) / 1000 / calls);
    }
    await setImmediate();
  }
  return figures.map((list) =>
    Array.from({ length: rounds }, (_, round) => median(list.slice((round + 1) * length, (round + 2) * length))),
  );
}

/** What one case takes more than others together, round by round. */
const beyond = (figures: Figures, ...others: readonly Figures[]): Figures =>
  figures.map((figure, round) => others.reduce((rest, other) => rest - (other[round] ?? Number.NaN), figure));

const page = openPage();
const at = (path: string, authorization: string): Uint8Array => checkMessage({ path, headers: { authorization } });
const row = (name: string, figures: Figures): void => {
  const [usual, least] = [median(figures), Math.min(...figures)].map((figure) => figure.toFixed(2).padStart(10));
  console.log(`${name.padEnd(56)}${usual} µs${least} µs`);
};

const remembered = `Bearer ${token('remembered')}`;
const calls = ['/open', '/known', '/users'].map((path) => at(path, remembered));
for (const message of calls) assert.ok(allows(await page(message)));
const [open = [], known = [], jwt = []] = await compare(
  calls.map((message) => () => page(message)),
  spells,
  20,
);
console.log(`a token of ${remembered.length - 7} characters\n\n${'median'.padStart(66)}${'least'.padStart(13)}`);
row('a decision that looks at no credential', open);
row('a decision whose principal is handed to it', known);
row('a decision about a token that is remembered', jwt);
row('so a remembered JWT adds', beyond(jwt, known));

// The same by itself: what the identity does, without all that a decision does around it.
const alone = jwtKind.build(
  'users',
  {
    issuer: 'https://idp.example/realms/shop',
    audience: ['orders'],
    algorithms: ['ES256'],
    jwks: { inline: jwksOf(key) },
    roles_claim: 'realm_access.roles',
  },
  recordIssues().context,
  authnDeps({ ...openTime(), clock: systemClock }),
);
const requestOf = (text: string): NormalRequest => aRequest({ headers: { authorization: `Bearer ${text}` } });
const seen = requestOf(remembered.slice('Bearer '.length));
await alone.authenticate(seen, never);
const [looked = []] = await compare([() => alone.present(seen) && alone.authenticate(seen, never)], spells, 20);
row('its look at a remembered token by itself', looked);

const tokens = Array.from({ length: fresh }, (_, index) => token(String(index)));
const requests = tokens.map(requestOf);
const messages = tokens.map((text) => at('/users', `Bearer ${text}`));
const heapBefore = heapBytes();
const [checked = [], judged = [], missed = []] = await compare(
  [
    (index) => signatureHolds(tokens[index] ?? '', key.publicKey, 'ES256'),
    (index) => alone.authenticate(requests[index] ?? seen, never),
    (index) => page(messages[index] ?? new Uint8Array()),
  ],
  fresh,
  1,
);
console.log();
row('one signature check (ES256) by itself', checked);
row('a look at a new token by itself', judged);
row('a decision about a token that is new', missed);
row('so a new JWT adds, beyond its signature check', beyond(missed, known, checked));
console.log(`\n${fresh} remembered tokens take ${Math.round((heapBytes() - heapBefore) / fresh / 2)} bytes each`);

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
