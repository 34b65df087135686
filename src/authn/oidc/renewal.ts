import { setTimeout as pause } from 'node:timers/promises';
import { refreshTokenGrant } from 'openid-client';
import { pauseAfter } from '../provider-side/backoff.ts';
import type { OidcParts, Renewal, Renewals } from './parts.ts';
import { failureOf, type ProviderFailure } from './provider-failure.ts';
import type { Session } from './session.ts';
import type { SessionOptions } from './session-options.ts';
import type { JudgedTokens } from './token-facts.ts';
import { judgeTokens } from './tokens.ts';

type RenewalParts = Omit<OidcParts, 'renewals'>;

const unavailable = Object.freeze({ kind: 'unavailable' } as const satisfies Renewal);
const ended = Object.freeze({ kind: 'ended' } as const satisfies Renewal);
// Requests that left the browser before the new cookie reached it still bring the old one.
const onTheWayMs = 30_000;
const lookAgainMs = 50;

/**
 * Opens the renewals of an identity. A refresh token is used once (RFC 9700 section 4.14.2 lets providers take a second use for a
 * theft), so one request of one replica renews a session, and what it got is handed to all others that come with the cookie of before.
 */
export function openRenewals(parts: RenewalParts): Renewals {
  const running = new Map<string, Promise<Renewal>>();
  const calm = keepCalm(parts);
  return {
    renew: (text, session) => {
      const name = `${session.id}/${session.generation}`;
      const renewal = running.get(name) ?? renewOnce(parts, text, session, calm).finally(() => running.delete(name));
      running.set(name, renewal);
      return renewal;
    },
  };
}

async function renewOnce(parts: RenewalParts, text: string, session: Session, calm: Calm): Promise<Renewal> {
  const { values, keeper, options } = parts;
  const key = `oidc/renewal/${parts.id}/${session.id}`;
  const lock = `${key}/${session.generation}`;
  // Metadata, tokens, keys, userinfo: each call has the bound of the way out.
  const longestMs = options.outbound.timeoutMs * 4;
  const handed = await findHandOver(parts, key, session);
  if (handed !== undefined) return handed;
  if (calm.resting()) return unavailable;
  // Nobody uses the token a second time while requests are on the way that bring it.
  if (!(await values.claim(lock, '', longestMs + onTheWayMs))) {
    return waitForOther(parts, lock, () => findHandOver(parts, key, session), longestMs);
  }

  const asked = await ask(parts, session);
  calm.note(asked.kind === 'renewed' ? asked.well : asked.kind === 'ended');
  if (asked.kind === 'unavailable') {
    await values.remove(lock);
    return unavailable;
  }
  const renewal: Renewal =
    asked.kind === 'ended' ? ended : { kind: 'renewed', text: await keeper.update(text, asked.session) };
  const value = writeHandOver(parts, key, session.generation + 1, renewal);
  await values.put(key, value, handOverMs(options.session)).catch(() => {
    // Whoever waits here still gets it; the others keep the session that they have for as long as it is good.
    parts.log.warn({ identity: parts.id, session: session.id }, 'a renewed session could not be handed over');
  });
  return renewal;
}

/**
 * How long what a renewal brought is there for whoever comes with the cookie of before. Where the cookie is all there is of a
 * session, that is as long as it may be idle: the answer that had the new one may never have reached the browser.
 */
const handOverMs = ({ store, idleMs }: SessionOptions): number =>
  store === 'cookie' ? Math.max(idleMs, onTheWayMs) : onTheWayMs;

const endedMark = 'ended';
// Sealed once more, for whoever reads the store could use the text as a cookie.
const writeHandOver = (
  { handOvers, context }: RenewalParts,
  key: string,
  generation: number,
  renewal: Renewal,
): string =>
  renewal.kind === 'renewed' ? handOvers.seal(`${generation}.${renewal.text}`, [...context, key]) : endedMark;

/** What came of a session later than the one that a request brings. Rejects with a StoreUnavailable. */
async function findHandOver(
  { values, handOvers, context }: RenewalParts,
  key: string,
  { generation }: Session,
): Promise<Renewal | undefined> {
  const value = await values.get(key);
  if (value === undefined) return undefined;
  if (value === endedMark) return ended;
  const [, later, text] = /^([0-9]+)\.(.+)$/.exec(handOvers.open(value, [...context, key]) ?? '') ?? [];
  return text !== undefined && Number(later) > generation ? { kind: 'renewed', text } : undefined;
}

async function waitForOther(
  { values, clock }: RenewalParts,
  lock: string,
  find: () => Promise<Renewal | undefined>,
  boundMs: number,
): Promise<Renewal> {
  const untilMs = clock.monotonicMs() + boundMs;
  while (clock.monotonicMs() < untilMs) {
    const locked = await values.get(lock);
    const handed = await find();
    if (handed !== undefined) return handed;
    if (locked === undefined) return unavailable;
    await pause(lookAgainMs, undefined, { ref: false });
  }
  return unavailable;
}

type Asked =
  /** well: the provider answered everything; otherwise the session has a new refresh token and nothing else. */
  | { readonly kind: 'renewed'; readonly session: Session; readonly well: boolean }
  | Exclude<Renewal, { readonly kind: 'renewed' }>;

/** What the provider said, and the refresh token that took the place of the one that was used; undefined where none did. */
type Answer = (JudgedTokens | ProviderFailure) & { readonly next?: string | undefined };

/** Asks the provider. What it answers wrongly ends the session: the token has been used, and nothing took its place. */
async function ask(parts: RenewalParts, session: Session): Promise<Asked> {
  const { options, clock, log } = parts;
  const startMs = clock.monotonicMs();
  const judged = await answerFor(parts, session).catch(failureOf);
  const outcome = judged.kind === 'good' ? 'ok' : judged.kind === 'unavailable' ? 'error' : 'refused';
  parts.signals.providerCalled(parts.id, 'token', outcome, clock.monotonicMs() - startMs);
  const nowMs = clock.nowMs();
  const later = { ...session, generation: session.generation + 1, seenMs: nowMs };
  if (judged.kind === 'good') {
    const validMs = Math.min(judged.facts.validMs, session.loginMs + options.session.absoluteMs);
    // Kept for the logout at the provider alone, as from the login.
    const idToken = options.logout.rpInitiated ? judged.facts.idToken : undefined;
    return { kind: 'renewed', session: { ...later, ...judged.facts, renewedMs: nowMs, validMs, idToken }, well: true };
  }
  const problem = 'problem' in judged ? judged.problem : 'the keys cannot be had';
  log.warn({ identity: parts.id, session: session.id, problem }, 'a session could not be renewed');
  // The old facts, for as long as they are good, and a token to ask again with.
  if (judged.kind === 'unavailable' && 'next' in judged && judged.next !== undefined) {
    return { kind: 'renewed', session: { ...later, refreshToken: judged.next }, well: false };
  }
  // A refusal of another kind is about us, not about the session: a secret that has run out, say.
  const over = judged.kind === 'bad' || (judged.kind === 'refused' && judged.problem === 'invalid_grant');
  return over ? ended : unavailable;
}

async function answerFor(parts: RenewalParts, session: Session): Promise<Answer> {
  const { provider, options, keySet, clock } = parts;
  // Nobody's call ends it, for others wait for it too.
  const signal = AbortSignal.timeout(options.outbound.timeoutMs * 2);
  const known = await provider.find(signal);
  if (known === undefined) return { kind: 'unavailable', problem: 'no metadata' };
  const tokens = await refreshTokenGrant(known.configuration, session.refreshToken ?? '');
  const rules = { options, keySet, nowMs: clock.nowMs };
  const judged = await judgeTokens(tokens, known, rules, session, signal).catch(failureAfterGrant);
  return { ...judged, next: tokens.refresh_token };
}

// The grant was good: what fails afterwards is another call, and no word about the session.
const failureAfterGrant = (error: unknown): ProviderFailure => {
  const failure = failureOf(error);
  return failure.kind === 'refused' ? { ...failure, kind: 'unavailable' } : failure;
};

/** Whether the provider is left alone for a while: after each failure for longer. */
interface Calm {
  resting(): boolean;
  note(well: boolean): void;
}

function keepCalm({ clock }: Pick<RenewalParts, 'clock'>): Calm {
  let failures = 0;
  let untilMs = 0;
  return {
    resting: () => failures > 0 && clock.monotonicMs() < untilMs,
    note: (well) => {
      failures = well ? 0 : failures + 1;
      untilMs = clock.monotonicMs() + pauseAfter(failures);
    },
  };
}
