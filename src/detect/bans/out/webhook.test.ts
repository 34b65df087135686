import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { openTime } from '../../../../test/support/authn.ts';
import { aBan, principal } from '../../../../test/support/bans.ts';
import type { BanChange } from '../../../core/ban.ts';
import { silentLog } from '../../../core/ports.ts';
import type { WebhookSpec } from './options.ts';
import { openWebhook } from './webhook.ts';

const spec: WebhookSpec = {
  name: 'edge',
  url: 'https://hooks.example/bans',
  outbound: { allowHttp: false, allowedHosts: [], ca: undefined, timeoutMs: 1000, maxBytes: 1000 },
  token: undefined,
  key: undefined,
  on: new Set(['made', 'lifted', 'ended']),
};

interface Sent {
  readonly headers: Headers;
  readonly body: string;
}

/** A webhook whose receiver answers with these statuses in turn, then with 200; 0: not at all. */
function open(part: Partial<WebhookSpec> = {}, ...statuses: number[]) {
  const time = openTime();
  const sent: Sent[] = [];
  const told: string[] = [];
  const logged: unknown[] = [];
  const webhook = openWebhook(
    { ...spec, ...part },
    {
      fetch: async (_url, init = {}) => {
        sent.push({ headers: new Headers(init.headers), body: String(init.body) });
        const status = statuses.shift() ?? 200;
        if (status === 0) throw new TypeError('no answer');
        return new Response('ok', { status });
      },
      clock: time.clock,
      timers: time.timers,
      log: { ...silentLog, warn: (fields) => logged.push(fields) },
      signals: { webhookTold: (name, outcome) => void told.push(`${name} ${outcome}`) },
    },
  );
  const settle = async (ms = 0): Promise<void> => {
    time.advance(ms);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  };
  return { webhook, time, sent, told, logged, settle };
}

const made = (id: string): BanChange => ({ change: 'made', ban: aBan('198.51.100.7', { id }), here: true });

test('a change is posted as JSON, signed as Standard Webhooks have it', async () => {
  const key = Buffer.from('0123456789abcdef0123456789abcdef');
  const { webhook, sent, told, settle } = open({ key, token: 'sesame-sesame-sesame' });
  webhook.tell({ change: 'lifted', ban: aBan(principal('users/alice'), { id: 'b1', tighten: 5 }), here: true });
  await settle();
  const [{ headers, body } = { headers: new Headers(), body: '' }] = sent;
  assert.deepEqual(JSON.parse(body), {
    type: 'ban.lifted',
    timestamp: '2026-01-15T00:00:00.000Z',
    data: {
      id: 'b1',
      principal: 'users/alice',
      effect: 'tighten',
      tighten: 5,
      by: 'operator',
      why: 'a test',
      since: '2026-01-15T00:00:00.000Z',
      until: '2026-01-15T01:00:00.000Z',
    },
  });
  const seconds = String(Date.UTC(2026, 0, 15) / 1000);
  const mac = createHmac('sha256', key).update(`b1.lifted.${seconds}.${body}`).digest('base64');
  assert.deepEqual(
    ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'authorization', 'content-type'].map((name) =>
      headers.get(name),
    ),
    ['b1.lifted', seconds, `v1,${mac}`, 'Bearer sesame-sesame-sesame', 'application/json'],
  );
  assert.deepEqual(told, ['edge delivered']);
});

test('what the receiver cannot take now it gets again, in order and under the same id', async () => {
  const { webhook, sent, told, settle } = open({}, 503, 0, 429);
  webhook.tell(made('b1'));
  webhook.tell(made('b2'));
  for (const waitMs of [0, 1000, 2000, 4000]) await settle(waitMs);
  const ids = sent.map(({ headers }) => headers.get('webhook-id'));
  assert.deepEqual(ids, ['b1.made', 'b1.made', 'b1.made', 'b1.made', 'b2.made']);
  assert.deepEqual(told, [...Array(3).fill('edge retried'), 'edge delivered', 'edge delivered']);
  assert.equal(sent[0]?.headers.has('webhook-signature'), false);
});

test('what it refuses is left out, what it never takes too, and what waits is bounded', async () => {
  const { webhook, told, logged, settle } = open({}, 400, ...Array(8).fill(500));
  webhook.tell(made('refused'));
  webhook.tell(made('never'));
  for (let at = 0; at < 1000; at += 1) webhook.tell(made(`b${at}`));
  await settle();
  for (let tries = 0; tries < 8; tries += 1) await settle(60_000);
  assert.deepEqual(told.filter((line) => line === 'edge dropped').length, 2);
  assert.ok(told.includes('edge refused'));
  assert.ok(told.includes('edge failed'));
  assert.deepEqual(logged, [
    { webhook: 'edge', status: 400 },
    { webhook: 'edge', status: 500 },
  ]);
});

test('only what it wants to hear of is told, and nothing after the end', async () => {
  const { webhook, sent, settle, time } = open({ on: new Set(['ended'] as const) }, 503);
  webhook.tell(made('b1'));
  webhook.tell({ ...made('b2'), change: 'ended' });
  await settle();
  webhook.close();
  webhook.tell({ ...made('b3'), change: 'ended' });
  await settle(60_000);
  assert.deepEqual(
    sent.map(({ headers }) => headers.get('webhook-id')),
    ['b2.ended'],
  );
  assert.equal(time.pending(), 0);
});
