import { setTimeout as pause } from 'node:timers/promises';
import { refreshTokenGrant } from 'openid-client';
import { pauseAfter } from '../backoff.ts';
import type { OidcParts, Renewal, Renewals } from './parts.ts';
import { failureOf, type ProviderFailure } from './provider-failure.ts';
import type { Session } from './session.ts';
import { type JudgedTokens, judgeTokens } from './tokens.ts';

type RenewalParts = Omit<OidcParts, 'renewals'>;

const unavailable = Object.freeze({ kind: 'unavailable' } as const satisfies Renewal);
const ended = Object.freeze({ kind: 'ended' } as const satisfies Renewal);
// Requests that left the browser before the new cookie reached it still bring the old one.
const handOverMs = 30_000;
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
      const renewal =
        running.get(name) ?? renewOnce(parts, name, text, session, calm).finally(() => running.delete(name));
      running.set(name, renewal);
      return renewal;
    },
  };
}

async function renewOnce(
  parts: RenewalParts,
  name: string,
  text: string,
  session: Session,
  calm: Calm,
): Promise<Renewal> {
  const { values, keeper, options } = parts;
  const key = `oidc/renewal/${parts.id}/${name}`;
  const lock = `${key}/lock`;
  // Metadata, tokens, keys, userinfo: each call has the bound of the way out.
  const longestMs = options.outbound.timeoutMs * 4;
  const handed = readHandOver(parts, key, await values.get(key));
  if (handed !== undefined) return handed;
  if (calm.resting()) return unavailable;
  // It outlives what is handed over: until then nobody uses the token a second time.
  if (!(await values.claim(lock, '', longestMs + handOverMs))) return waitForOther(parts, key, lock, longestMs);

  const asked = await ask(parts, session);
  calm.note(asked.kind !== 'unavailable');
  if (asked.kind === 'unavailable') {
    await values.remove(lock);
    return unavailable;
  }
  const renewal: Renewal =
    asked.kind === 'ended' ? ended : { kind: 'renewed', text: await keeper.update(text, asked.session) };
  await values.put(key, writeHandOver(parts, key, renewal), handOverMs).catch(() => {
    // Whoever waits here still gets it; the others keep the session that they have for as long as it is good.
    parts.log.warn({ identity: parts.id, session: session.id }, 'a renewed session could not be handed over');
  });
  return renewal;
}

const endedMark = 'ended';
// Sealed once more, for whoever reads the store could use the text as a cookie.
const writeHandOver = ({ handOvers, context }: RenewalParts, key: string, renewal: Renewal): string =>
  renewal.kind === 'renewed' ? handOvers.seal(renewal.text, [...context, key]) : endedMark;

function readHandOver(parts: RenewalParts, key: string, value: string | undefined): Renewal | undefined {
  if (value === undefined) return undefined;
  if (value === endedMark) return ended;
  const text = parts.handOvers.open(value, [...parts.context, key]);
  return text === undefined ? undefined : { kind: 'renewed', text };
}

async function waitForOther(parts: RenewalParts, key: string, lock: string, boundMs: number): Promise<Renewal> {
  const { values, clock } = parts;
  const untilMs = clock.monotonicMs() + boundMs;
  while (clock.monotonicMs() < untilMs) {
    const locked = await values.get(lock);
    const handed = readHandOver(parts, key, await values.get(key));
    if (handed !== undefined) return handed;
    if (locked === undefined) return unavailable;
    await pause(lookAgainMs, undefined, { ref: false });
  }
  return unavailable;
}

type Asked = { readonly kind: 'renewed'; readonly session: Session } | Exclude<Renewal, { readonly kind: 'renewed' }>;

/** Asks the provider. What it answers wrongly ends the session: the token has been used, and nothing took its place. */
async function ask(parts: RenewalParts, session: Session): Promise<Asked> {
  const { provider, options, keySet, clock, log } = parts;
  const { refreshToken = '' } = session;
  // Nobody's call ends it, for others wait for it too.
  const signal = AbortSignal.timeout(options.outbound.timeoutMs * 2);
  const startMs = clock.monotonicMs();
  const answer = async (): Promise<JudgedTokens | ProviderFailure> => {
    const known = await provider.find(signal);
    if (known === undefined) return { kind: 'unavailable', problem: 'no metadata' };
    const tokens = await refreshTokenGrant(known.configuration, refreshToken);
    return judgeTokens(tokens, known, { options, keySet, nowMs: clock.nowMs }, session, signal);
  };
  const judged = await answer().catch(failureOf);
  const outcome = judged.kind === 'good' ? 'ok' : judged.kind === 'unavailable' ? 'error' : 'refused';
  parts.signals.providerCalled(parts.id, 'token', outcome, clock.monotonicMs() - startMs);
  if (judged.kind === 'good') {
    const nowMs = clock.nowMs();
    const validMs = Math.min(judged.facts.validMs, session.loginMs + options.session.absoluteMs);
    const { generation } = session;
    return {
      kind: 'renewed',
      session: { ...session, ...judged.facts, generation: generation + 1, seenMs: nowMs, renewedMs: nowMs, validMs },
    };
  }
  const problem = 'problem' in judged ? judged.problem : 'the keys cannot be had';
  log.warn({ identity: parts.id, session: session.id, problem }, 'a session could not be renewed');
  // A refusal of another kind is about us, not about the session: a secret that has run out, say.
  const over = judged.kind === 'bad' || (judged.kind === 'refused' && judged.problem === 'invalid_grant');
  return over ? ended : unavailable;
}

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
