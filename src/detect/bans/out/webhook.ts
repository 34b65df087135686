import { createHmac } from 'node:crypto';
import type { BanChange } from '../../../core/ban.ts';
import { shownBan } from '../../../core/ban.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Log, Signals } from '../../../core/ports.ts';
import type { Timers } from '../../../core/timers.ts';
import type { Outbound } from '../../../outbound/outbound.ts';
import type { WebhookSpec } from './options.ts';

/** What a webhook stands on. */
export interface WebhookDeps {
  readonly fetch: Outbound['fetch'];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly signals: Pick<Signals, 'webhookTold'>;
}

/** A receiver of changes, who gets one after the other. */
interface Webhook {
  /** Never throws, never waits. */
  tell(change: BanChange): void;
  close(): void;
}

interface Message {
  readonly id: string;
  readonly body: string;
}

const mostWaiting = 1000;
const mostTries = 8;
const firstDelayMs = 1000;
const longestDelayMs = 60_000;
// These mean that the receiver may take it later; any other answer it would give again.
const later: ReadonlySet<number> = new Set([408, 425, 429]);
const isLater = (status: number): boolean => status >= 500 || later.has(status);

/** Opens the way to a receiver. What it cannot take now it is given again, for about two minutes; what it refuses is left out. */
export function openWebhook({ name, url, token, key, on }: WebhookSpec, deps: WebhookDeps): Webhook {
  const { fetch, clock, timers, log, signals } = deps;
  const waiting: Message[] = [];
  let busy = false;
  let closed = false;
  let cancel = (): void => {};

  const post = async ({ id, body }: Message): Promise<number> => {
    const seconds = String(Math.floor(clock.nowMs() / 1000));
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': seconds,
      ...(key && { 'webhook-signature': signatureOf(key, id, seconds, body) }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const answer = await fetch(url, { method: 'POST', body, headers });
    await answer.text();
    return answer.status;
  };
  const end = (outcome: 'delivered' | 'refused' | 'failed', status?: number): void => {
    waiting.shift();
    signals.webhookTold(name, outcome);
    if (outcome !== 'delivered') log.warn({ webhook: name, status }, 'a webhook did not take a change of bans');
  };
  const work = async (tries = 1): Promise<void> => {
    const [message] = waiting;
    busy = message !== undefined && !closed;
    if (message === undefined || closed) return;
    // No answer at all is like one that says: later.
    const status = await post(message).catch(() => 503);
    if (status >= 200 && status < 300) end('delivered');
    else if (!isLater(status)) end('refused', status);
    else if (tries >= mostTries) end('failed', status);
    else {
      signals.webhookTold(name, 'retried');
      const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (tries - 1));
      cancel = timers.after(delayMs, () => void work(tries + 1));
      return;
    }
    await work();
  };
  return {
    tell: ({ change, ban }) => {
      if (!on.has(change) || closed) return;
      if (waiting.length >= mostWaiting) {
        signals.webhookTold(name, 'dropped');
        return;
      }
      const time = new Date(clock.nowMs()).toISOString();
      const id = `${ban.id}.${change}`;
      waiting.push({ id, body: JSON.stringify({ type: `ban.${change}`, timestamp: time, data: shownBan(ban) }) });
      if (!busy) void work();
    },
    close: () => {
      closed = true;
      cancel();
    },
  };
}

/** As Standard Webhooks have it: `v1,` and the HMAC-SHA-256 of id, time and body in Base64. */
const signatureOf = (key: Uint8Array, id: string, seconds: string, body: string): string =>
  `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
