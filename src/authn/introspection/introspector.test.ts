import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { never } from '../../../test/support/authn.ts';
import { sendJson } from '../../../test/support/introspection-server.ts';
import { alice, openOpaqueIdentity as open, reasonOf, seconds } from '../../../test/support/opaque-identity.ts';
import { aRequest } from '../../../test/support/requests.ts';
import { waitFor } from '../../envoy/condition.ts';

test('one question is under way for a token, however many calls wait for its answer', async (context) => {
  const { server, reasonFor, lookups } = await open(context);
  const held: ServerResponse[] = [];
  server.stage((_, response) => held.push(response));
  const hasty = new AbortController();
  const waiting = [reasonFor('t', hasty.signal), ...Array.from({ length: 100 }, () => reasonFor('t'))];
  await waitFor({ what: 'the question', holds: async () => held.length > 0 });
  hasty.abort();
  assert.equal(await waiting.shift(), 'deadline_exceeded');
  for (const response of held) sendJson(response, alice);
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set(['pass']));
  assert.equal(server.questions.length, 1);
  assert.equal(await reasonFor('t'), 'pass');
  assert.equal(lookups.filter((lookup) => lookup === 'cache active').length, 1);
});

test('whose time is up waits no longer, and the answer is there for who comes next', async (context) => {
  const { server, reasonFor } = await open(context);
  const held: ServerResponse[] = [];
  server.stage((_, response) => held.push(response));
  const hasty = new AbortController();
  const late = reasonFor('t', hasty.signal);
  await waitFor({ what: 'the question', holds: async () => held.length > 0 });
  hasty.abort();
  assert.equal(await late, 'deadline_exceeded');
  for (const response of held) sendJson(response, alice);
  assert.equal(await reasonFor('t'), 'pass');
  assert.equal(server.questions.length, 1);
});

test('answers are remembered for a while, and what the provider takes back is seen after it', async (context) => {
  const { server, reasonFor, time: clock, build } = await open(context, { cache: { active: '10s', inactive: '2s' } });
  server.know({ t: alice });
  assert.equal(await reasonFor('t'), 'pass');
  server.know({});
  clock.advance(9_999);
  assert.equal(await reasonFor('t'), 'pass');
  // The next plan finds what the last one knew.
  const authenticator = build();
  const request = aRequest({ headers: { authorization: 'Bearer t' } });
  assert.equal(reasonOf(await authenticator.authenticate(request, never)), 'pass');
  assert.equal(server.questions.length, 1);
  clock.advance(1);
  assert.equal(await reasonFor('t'), 'token_inactive');
  server.know({ t: alice });
  clock.advance(1_999);
  assert.equal(await reasonFor('t'), 'token_inactive');
  clock.advance(1);
  assert.equal(await reasonFor('t'), 'pass');
  assert.equal(server.questions.length, 3);
});

test('nothing is remembered beyond its end, and nothing at all where the config wants it so', async (context) => {
  const short = await open(context, { clock_skew: '30s' });
  short.server.know({ t: { ...alice, exp: seconds + 5 } });
  assert.equal(await short.reasonFor('t'), 'pass');
  short.server.know({});
  short.time.advance(5_000);
  assert.equal(await short.reasonFor('t'), 'token_inactive');
  const none = await open(context, { cache: { active: '0s', inactive: '0s' } });
  none.server.know({ t: alice });
  for (const token of ['t', 't', 'u', 'u']) await none.reasonFor(token);
  assert.equal(none.server.questions.length, 4);
});

test('tokens that somebody makes up push no good one out of memory', async (context) => {
  const { server, reasonFor } = await open(context, { cache: { max_tokens: 2 } });
  server.know({ good: alice });
  await reasonFor('good');
  for (let index = 0; index < 50; index += 1) await reasonFor(`junk${index}`);
  const asked = server.questions.length;
  assert.equal(await reasonFor('good'), 'pass');
  assert.equal(server.questions.length, asked);
  assert.equal(await reasonFor('junk0'), 'token_inactive');
  assert.equal(server.questions.length, asked + 1);
});

test('a provider that fails again and again is left alone for a while, and then asked once', async (context) => {
  const { server, reasonFor, time: clock, lookups, logged } = await open(context);
  server.know({ before: { ...alice, exp: seconds + 3000 } });
  assert.equal(await reasonFor('before'), 'pass');
  server.stage((_, response) => sendJson(response, {}, 500));
  for (let index = 0; index < 5; index += 1) assert.equal(await reasonFor(`a${index}`), 'introspection_unavailable');
  assert.equal(server.questions.length, 6);
  for (let index = 0; index < 50; index += 1) assert.equal(await reasonFor(`b${index}`), 'introspection_unavailable');
  assert.equal(server.questions.length, 6);
  assert.equal(lookups.at(-1), 'nobody unavailable');
  assert.equal(await reasonFor('before'), 'pass');
  assert.equal(logged.length, 1);
  clock.advance(1000);
  const many = await Promise.all(Array.from({ length: 20 }, (_, index) => reasonFor(`c${index}`)));
  assert.deepEqual(new Set(many), new Set(['introspection_unavailable']));
  assert.equal(server.questions.length, 7);
  // It rests twice as long then.
  clock.advance(1999);
  await reasonFor('d');
  assert.equal(server.questions.length, 7);
  server.know({ e: alice });
  clock.advance(1);
  assert.equal(await reasonFor('e'), 'pass');
  assert.equal(await reasonFor('f'), 'token_inactive');
});

test('a provider that says when to come back is left alone until then', async (context) => {
  const { server, reasonFor, time: clock } = await open(context);
  server.stage((_, response) => void response.writeHead(429, { 'retry-after': '7' }).end());
  await reasonFor('a');
  server.know({ b: alice });
  clock.advance(6_999);
  assert.equal(await reasonFor('b'), 'introspection_unavailable');
  clock.advance(1);
  assert.equal(await reasonFor('b'), 'pass');
});

test('a question that gets no answer at all is asked once more, and only once', async (context) => {
  const { server, reasonFor, calls } = await open(context);
  let breaks = 1;
  server.stage((_, response) => {
    if (breaks === 0) return sendJson(response, alice);
    breaks -= 1;
    response.destroy();
  });
  assert.equal(await reasonFor('a'), 'pass');
  assert.deepEqual(calls, ['introspection error', 'introspection ok']);
  breaks = 2;
  assert.equal(await reasonFor('b'), 'introspection_unavailable');
  assert.equal(calls.length, 4);
});

test('an active token outlives an outage where the config says so, for so long and not beyond its end', async (context) => {
  const { server, reasonFor, time: clock, lookups } = await open(context, { stale_if_error: '60s' });
  server.know({ t: alice, short: { ...alice, exp: seconds + 40 }, gone: alice });
  for (const token of ['t', 'short', 'gone']) assert.equal(await reasonFor(token), 'pass');
  clock.advance(31_000);
  server.know({});
  assert.equal(await reasonFor('gone'), 'token_inactive');
  server.stage((_, response) => sendJson(response, {}, 503));
  assert.equal(await reasonFor('t'), 'pass');
  assert.equal(lookups.at(-1), 'stale active');
  assert.equal(await reasonFor('short'), 'pass');
  // What was taken back before the outage stays so.
  assert.equal(await reasonFor('gone'), 'token_inactive');
  assert.equal(await reasonFor('new'), 'introspection_unavailable');
  clock.advance(9_000);
  assert.equal(await reasonFor('short'), 'introspection_unavailable');
  clock.advance(50_000);
  assert.equal(await reasonFor('t'), 'introspection_unavailable');
});

test('without that, an outage is a failure as soon as an answer is old', async (context) => {
  const { server, reasonFor, time: clock } = await open(context);
  server.know({ t: alice });
  await reasonFor('t');
  server.stage((_, response) => sendJson(response, {}, 500));
  clock.advance(30_000);
  assert.equal(await reasonFor('t'), 'introspection_unavailable');
});

test('no more questions are under way than the provider can bear; those whose callers left are dropped', async (context) => {
  const { server, reasonFor } = await open(context);
  let held: ServerResponse[] = [];
  server.stage((_, response) => held.push(response));
  const hasty = new AbortController();
  const patient = Array.from({ length: 40 }, (_, index) => reasonFor(`p${index}`));
  const left = Array.from({ length: 100 }, (_, index) => reasonFor(`h${index}`, hasty.signal));
  await waitFor({ what: '32 questions', holds: async () => held.length === 32 });
  hasty.abort();
  assert.deepEqual(new Set(await Promise.all(left)), new Set(['deadline_exceeded']));
  const answerAll = (): void => {
    for (const response of held) sendJson(response, alice);
    held = [];
  };
  answerAll();
  await waitFor({ what: 'the others', holds: async () => held.length === 8 });
  answerAll();
  assert.deepEqual(new Set(await Promise.all(patient)), new Set(['pass']));
  assert.equal(server.questions.length, 40);
});
