// node test/bench/identity.ts: what identity adds to a decision, from the bytes of a Check call to the bytes of its
// answer. Each case takes turns, in one process, with the same request under a rule that looks at no credential; what
// counts is processor time, so that neighbours of the machine count little, and the figure is the median of the rounds.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { signatureHolds } from '../../src/authn/jwt/signature.ts';
import { newDecisionId } from '../../src/cli/handlers.ts';
import { openConfig } from '../../src/config/open.ts';
import { systemClock } from '../../src/core/clock.ts';
import { silentTracing } from '../../src/core/ports.ts';
import { check } from '../../src/flow/check.ts';
import { algorithms } from '../../src/limit/index.ts';
import { createMemoryStore } from '../../src/store/index.ts';
import { authnDeps, never, openTime } from '../support/authn.ts';
import { allows, checkMessage } from '../support/check-messages.ts';
import { jwksOf, makeKey, signToken } from '../support/tokens.ts';

/** Something to measure: a call a turn, which must be allowed. */
type Turn = (index: number) => Promise<unknown>;

const key = makeKey('ES256');
const second = Math.floor(Date.now() / 1000);
const rounds = 31;
const turns = 3000;
const fresh = 20_000;

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
  - { id: users, match: { path: /users }, identity: [users] }
`;

/** A call of the whole page on a plan of this config. */
function openPage(): (message: Uint8Array) => Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-'));
  writeFileSync(join(folder, 'portcullis.yaml'), config);
  const opening = openConfig(join(folder, 'portcullis.yaml'), {});
  const base = authnDeps({ ...openTime(), clock: systemClock });
  const store = createMemoryStore({ algorithms, clock: systemClock, maxKeys: 1000 });
  const plan = opening.compile({ ...base, store, local: store })?.plan;
  rmSync(folder, { recursive: true });
  assert.ok(plan, JSON.stringify(opening.issues()));
  const deps = {
    ...base,
    plan: () => plan,
    newId: newDecisionId,
    audit: { record: () => {} },
    tracing: silentTracing,
    budgetMs: 2000,
  };
  const call = { traceparent: undefined, signal: never, remainingMs: undefined };
  return (message) => check(message, call, deps);
}

/** Microseconds of processor time that a turn takes. */
async function costOf(turn: Turn, count: number, start: number): Promise<number> {
  const before = process.cpuUsage();
  for (let index = 0; index < count; index += 1) await turn(start + index);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

const median = (figures: readonly number[]): number =>
  figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;

/** Measures several things in turns; the medians of all rounds but the first, in which code is still being compiled. */
async function compare(measured: readonly Turn[], count: number): Promise<readonly number[]> {
  const figures: number[][] = measured.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, turn] of measured.entries()) {
      figures[index]?.push(await costOf(turn, count, round * count));
      await setImmediate();
    }
  }
  return figures.map((list) => median(list.slice(1)));
}

const page = openPage();
const open = (authorization: string): Uint8Array => checkMessage({ path: '/open', headers: { authorization } });
const users = (authorization: string): Uint8Array => checkMessage({ path: '/users', headers: { authorization } });
const row = (name: string, microseconds: number): void =>
  console.log(`${name.padEnd(56)}${microseconds.toFixed(2).padStart(10)} µs`);

const known = `Bearer ${token('known')}`;
const [knownOpen, knownUsers] = [open(known), users(known)];
assert.ok(allows(await page(knownOpen)) && allows(await page(knownUsers)));
const [without = 0, cached = 0] = await compare([() => page(knownOpen), () => page(knownUsers)], turns);
console.log(`a token of ${known.length - 7} characters\n`);
row('a decision that looks at no credential', without);
row('a decision about a token that is remembered', cached);
row('so a remembered JWT adds', cached - without);

const tokens = Array.from({ length: fresh }, (_, index) => token(String(index)));
const messages = tokens.map((text) => users(`Bearer ${text}`));
const perRound = Math.floor(fresh / rounds);
const heapBefore = heapBytes();
const [alone = 0, missed = 0] = await compare(
  [
    (index) => signatureHolds(tokens[index] ?? '', key.publicKey, 'ES256'),
    (index) => page(messages[index] ?? new Uint8Array()),
  ],
  perRound,
);
console.log();
row('one signature check (ES256) alone', alone);
row('a decision about a token that is new', missed);
row('so a new JWT adds, beyond its signature check', missed - without - alone);
console.log(
  `\n${perRound * rounds} remembered tokens take ${Math.round((heapBytes() - heapBefore) / perRound / rounds)} bytes each`,
);

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
