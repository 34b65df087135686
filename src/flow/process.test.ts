import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { aPlan, aRule } from '../../test/support/plans.ts';
import { looking, reads, refusing, replacing } from '../../test/support/processing.ts';
import {
  bodyPart,
  type RequestHeadParts,
  requestHead,
  responseHead,
  summaryOf,
  trailersPart,
} from '../../test/support/processing-messages.ts';
import { systemClock } from '../core/clock.ts';
import type { Plan, Rule } from '../core/plan.ts';
import { type ProcessedMessage, silentLog, silentSignals, silentTracing } from '../core/ports.ts';
import type { HeadStep, ProcessMessage } from '../core/processing.ts';
import type { ClosedTrail } from '../core/trail.ts';
import { fail, reject } from '../core/verdict.ts';
import { openProcessor, type ProcessDeps, process } from './process.ts';

const leaks = fail('response_leaks');
const tooLarge = reject('body_too_large');
const tells = (how: 'whole' | 'stream'): ProcessMessage => reads(() => replacing('SECRET', 'word'), { how });
const planOf = (request?: ProcessMessage, response?: ProcessMessage, given: Partial<Rule> = {}): Plan =>
  aPlan(aRule({ processing: { request, response }, ...given }));

async function* all<T>(items: readonly T[]): AsyncIterable<T> {
  yield* items;
}

interface Told {
  readonly answers: readonly string[];
  readonly trails: readonly ClosedTrail[];
  readonly messages: readonly ProcessedMessage[];
}

const depsOf = (plan: Plan, trails: ClosedTrail[] = [], messages: ProcessedMessage[] = []): ProcessDeps => ({
  plan: () => plan,
  clock: systemClock,
  newId: () => 'new-id',
  audit: { record: (trail) => trails.push(trail) },
  signals: { ...silentSignals, messageProcessed: (message) => messages.push(message) },
  tracing: silentTracing,
  log: silentLog,
});
const callOf = (signal = new AbortController().signal, messageTimeoutMs = 60_000) => ({
  traceparent: undefined,
  messageTimeoutMs,
  signal,
  crowded: false,
});

async function run(plan: Plan, ...sent: readonly Uint8Array[]): Promise<Told> {
  const trails: ClosedTrail[] = [];
  const messages: ProcessedMessage[] = [];
  const answers: string[] = [];
  for await (const answer of process(all(sent), callOf(), depsOf(plan, trails, messages)))
    answers.push(summaryOf(answer));
  return { answers, trails, messages };
}

const streamed: RequestHeadParts['modes'] = { request: 'STREAMED', response: 'STREAMED', eager: true };
const duplex: RequestHeadParts['modes'] = { request: 'FULL_DUPLEX_STREAMED', response: 'FULL_DUPLEX_STREAMED' };

test('a rule without processing wants nothing more, and whatever comes all the same goes on as it is', async () => {
  const parts = [
    bodyPart('request', 'a'),
    trailersPart('request'),
    responseHead('200'),
    bodyPart('response', 'b', true),
  ];
  const { answers, trails, messages } = await run(planOf(), requestHead(), ...parts);
  assert.deepEqual(answers, [
    'requestHeaders [0 2 0 2 2]',
    'requestBody same',
    'requestTrailers',
    'responseHeaders [0 1 0 2 2]',
    'responseBody same',
  ]);
  assert.deepEqual([trails, messages], [[], []]);
});

test('a body that is wanted whole is buffered: changed, its length follows, and what spoke of its bytes goes', async () => {
  const headers = { 'content-length': '8', digest: 'x', 'content-md5': 'y' };
  const { answers, trails, messages } = await run(
    planOf(tells('whole')),
    requestHead({ headers }),
    bodyPart('request', '1 SECRET', true),
  );
  assert.deepEqual(answers, [
    'requestHeaders [2 2 0 2 2]',
    'requestBody "1 word" +content-length=6 -digest -content-md5',
  ]);
  assert.deepEqual(
    trails[0]?.entries.map(({ step, detail }) => [step, detail]),
    [['process_request', { replaced: 1, changed: true }]],
  );
  assert.deepEqual(
    messages.map(({ rule, message, outcome, reason, bytes }) => [rule, message, outcome, reason, bytes]),
    [['orders', 'request', 'changed', 'ok', 8]],
  );
});

test('without a stated length none is stated, and an unchanged body leaves its head as it is', async () => {
  const plan = planOf(tells('whole'));
  const chunked = await run(plan, requestHead(), bodyPart('request', '1 SECRET', true));
  assert.equal(chunked.answers[1], 'requestBody "1 word"');
  const same = await run(plan, requestHead({ headers: { 'content-length': '3' } }), bodyPart('request', 'abc', true));
  assert.equal(same.answers[1], 'requestBody same');
  assert.deepEqual(same.trails, []);
});

test('a whole body ends with its one message, where trailers follow too', async () => {
  const { answers } = await run(
    planOf(tells('whole')),
    requestHead(),
    bodyPart('request', 'a SECRET'),
    trailersPart('request'),
  );
  assert.deepEqual(answers.slice(1), ['requestBody "a word"', 'requestTrailers']);
});

test('a body in pieces: its head leaves early, so length and digests go whatever comes', async () => {
  const plan = planOf(undefined, tells('stream'));
  const head = requestHead({ method: 'GET', endOfStream: true, headers: { range: 'bytes=0-1', 'if-range': '"1"' } });
  const { answers } = await run(
    plan,
    head,
    responseHead('200', { etag: '"1"', 'content-length': '12', 'accept-ranges': 'bytes', 'repr-digest': 'x' }),
    bodyPart('response', '1 SEC'),
    bodyPart('response', 'RET 2', true),
  );
  assert.deepEqual(answers, [
    'requestHeaders -range -if-range [0 1 0 2 2]',
    'responseHeaders -content-length -etag -accept-ranges -repr-digest [0 1 1 2 1]',
    'responseBody cleared',
    'responseBody "1 word 2"',
  ]);
});

test('the mode of the request stays in force while the response is arranged', async () => {
  const plan = planOf(tells('stream'), reads(looking, { how: 'whole', mayChange: false }));
  const { answers } = await run(plan, requestHead(), responseHead('200'));
  assert.deepEqual(answers, ['requestHeaders -content-length [1 1 0 1 2]', 'responseHeaders [1 1 2 1 2]']);
});

test('pieces that end with trailers: nothing may be left that could only go on before them', async () => {
  const plan = planOf(undefined, tells('stream'));
  const head = requestHead({ method: 'GET', endOfStream: true });
  const none = await run(plan, head, responseHead('200'), bodyPart('response', 'SECRET'), trailersPart('response'));
  assert.deepEqual(none.answers.slice(2), ['responseBody "word"', 'responseTrailers']);
  const some = await run(plan, head, responseHead('200'), bodyPart('response', 'SEC'), trailersPart('response'));
  assert.deepEqual(some.answers.slice(2), ['responseBody cleared', 'denied 503 portcullis_inspection_failed']);
});

test('under full duplex pieces come back at once, and a whole holds its head back', async () => {
  const head = requestHead({ modes: duplex });
  const large = 'x'.repeat(70_000);
  const streams = await run(
    planOf(tells('stream')),
    head,
    bodyPart('request', 'SEC'),
    bodyPart('request', `RET${large}`, true),
  );
  assert.deepEqual(
    streams.answers.map((text) => text.replaceAll(/x+/g, 'x')),
    [
      'requestHeaders -content-length',
      'requestBody piece ""',
      'requestBody piece "wordx"',
      'requestBody piece "x" end',
    ],
  );
  const whole = await run(
    planOf(tells('whole')),
    head,
    bodyPart('request', 'SEC'),
    bodyPart('request', 'RET'),
    trailersPart('request'),
  );
  assert.deepEqual(whole.answers, ['requestHeaders -content-length', 'requestBody piece "word"', 'requestTrailers']);
  const empty = await run(planOf(tells('whole')), head, trailersPart('request'));
  assert.deepEqual(empty.answers, ['requestHeaders -content-length', 'requestTrailers']);
  const ended = await run(planOf(tells('whole')), head, bodyPart('request', 'SECRET', true), trailersPart('request'));
  assert.deepEqual(ended.answers.at(-1), 'requestTrailers');
  const other = await run(planOf(), head, bodyPart('request', 'a'), bodyPart('request', '', true));
  assert.deepEqual(other.answers.slice(1), ['requestBody piece "a"', 'requestBody piece "" end']);
});

test('modes that cannot be changed are taken as they are; a body that would not come is refused', async () => {
  const pieces = await run(
    planOf(tells('whole')),
    requestHead({ modes: streamed }),
    bodyPart('request', 'SEC'),
    bodyPart('request', 'RET', true),
  );
  assert.deepEqual(pieces.answers, ['requestHeaders -content-length', 'requestBody cleared', 'requestBody "word"']);
  const unsent = await run(planOf(tells('whole')), requestHead({ modes: { response: 'FULL_DUPLEX_STREAMED' } }));
  assert.deepEqual(unsent.answers, ['denied 503 portcullis_inspection_failed']);
  const partial = { request: 'BUFFERED_PARTIAL', response: 'FULL_DUPLEX_STREAMED' } as const;
  const cut = await run(planOf(tells('stream')), requestHead({ modes: partial }), bodyPart('request', 'SEC'));
  assert.deepEqual(cut.answers.at(-1), 'denied 503 portcullis_inspection_failed');
  const all = await run(planOf(tells('stream')), requestHead({ modes: partial }), bodyPart('request', 'SECRET', true));
  assert.deepEqual(all.answers.at(-1), 'requestBody "word"');
  const buffered = { request: 'BUFFERED', response: 'STREAMED', eager: true } as const;
  const held = await run(
    planOf(tells('stream')),
    requestHead({ modes: buffered }),
    bodyPart('request', 'SECRET', true),
  );
  assert.deepEqual(held.answers, ['requestHeaders', 'requestBody "word"']);
});

test('a message without a body is never read; an answer without one speaks of a body that would be another', async () => {
  const plan = planOf(tells('whole'), tells('stream'));
  const { answers, messages } = await run(
    plan,
    requestHead({ endOfStream: true, headers: { digest: 'x' } }),
    responseHead('200', { etag: '"1"', 'content-length': '3' }, { endOfStream: true }),
  );
  assert.deepEqual(answers, ['requestHeaders [0 1 0 2 2]', 'responseHeaders -content-length -etag [0 1 0 2 2]']);
  assert.deepEqual(messages, []);
});

test('a part of an answer that may be changed is refused', async () => {
  const { answers } = await run(planOf(undefined, tells('stream')), requestHead(), responseHead('206'));
  assert.equal(answers.at(-1), 'denied 502 portcullis_response_unreadable');
});

test('what is too large is refused by its stated length, by its bytes, or goes on unseen', async () => {
  const bound = (how: 'whole' | 'stream', refusal?: typeof tooLarge): Plan =>
    planOf(reads(() => replacing('SECRET', 'word'), { how, maxBytes: 6, ...(refusal && { tooLarge: refusal }) }));
  const stated = requestHead({ headers: { 'content-length': '7' } });
  assert.deepEqual((await run(bound('whole', tooLarge), stated)).answers, ['denied 413 portcullis_body_too_large']);
  const bytes = await run(bound('whole', tooLarge), requestHead(), bodyPart('request', '1234567', true));
  assert.equal(bytes.answers[1], 'denied 413 portcullis_body_too_large');
  const unread = await run(bound('whole'), stated);
  assert.deepEqual(unread.answers, ['requestHeaders [0 2 0 2 2]']);
  assert.deepEqual(unread.trails[0]?.entries[0]?.detail, { unseen: true });
  const seen = await run(bound('whole'), requestHead(), bodyPart('request', '1 SECRET', true));
  assert.equal(seen.answers[1], 'requestBody same');
  const rest = await run(
    bound('stream'),
    requestHead(),
    bodyPart('request', 'SEC'),
    bodyPart('request', 'RETSECRET'),
    bodyPart('request', 'SECRET', true),
  );
  assert.deepEqual(rest.answers.slice(1), ['requestBody cleared', 'requestBody "SECRETSECRET"', 'requestBody same']);
  assert.deepEqual(rest.trails[0]?.entries[0]?.detail, { unseen: true });
  const refuses = reads(
    () => ({
      ...looking(),
      push: (_piece, last) => (last ? { kind: 'refuse', refusal: leaks } : { kind: 'forward', bytes: Buffer.of() }),
    }),
    { maxBytes: 1 },
  );
  assert.equal(
    (await run(planOf(refuses), requestHead(), bodyPart('request', 'ab'))).answers[1],
    'denied 502 portcullis_response_leaks',
  );
});

test('a large piece is looked at in slices, and goes on as it came when none of them changes', async () => {
  const large = 'x'.repeat(200_000);
  const same = await run(planOf(reads(looking, { mayChange: false })), requestHead(), bodyPart('request', large, true));
  assert.deepEqual(same.answers, ['requestHeaders [1 2 0 1 2]', 'requestBody same']);
  const changed = await run(planOf(tells('stream')), requestHead(), bodyPart('request', `${large}SECRET`, true));
  assert.equal(changed.answers[1], `requestBody "${large}word"`);
  const refused = await run(
    planOf(reads(() => refusing('SECRET', leaks))),
    requestHead(),
    bodyPart('request', `SECRET${large}`, true),
  );
  assert.equal(refused.answers[1], 'denied 502 portcullis_response_leaks');
});

test('a refusal is the last word: by the head, by the body, by trailers', async () => {
  const byHead: ProcessMessage = () => ({ kind: 'refuse', refusal: reject('request_leaks') });
  const head = await run(
    planOf(byHead),
    requestHead({ vouched: { decision_id: 'id-1', rule: 'orders', reason: 'ok' } }),
    bodyPart('request', 'a'),
  );
  assert.deepEqual(head.answers, ['denied 403 portcullis_request_leaks']);
  assert.equal(head.trails[0]?.decision.id, 'id-1');
  assert.equal(head.trails[0]?.service, 'process');
  assert.deepEqual(
    head.messages.map(({ outcome, reason }) => [outcome, reason]),
    [['refused', 'request_leaks']],
  );
  const body = await run(
    planOf(
      undefined,
      reads(() => refusing('x', leaks)),
    ),
    requestHead(),
    responseHead('200'),
    bodyPart('response', 'x', true),
  );
  assert.equal(body.answers.at(-1), 'denied 502 portcullis_response_leaks');
  const atTheEnd = reads(() => ({
    push: (piece, last) => (last ? { kind: 'refuse', refusal: leaks } : { kind: 'forward', bytes: piece }),
    detail: () => ({}),
  }));
  const trailers = await run(planOf(atTheEnd), requestHead(), bodyPart('request', 'a'), trailersPart('request'));
  assert.equal(trailers.answers.at(-1), 'denied 502 portcullis_response_leaks');
});

test('what a processor changes in the head goes on; what Envoy could not carry out is our bug', async () => {
  const skips =
    (head: Extract<HeadStep, { kind: 'skip' }>['head']): ProcessMessage =>
    () => ({ kind: 'skip', head, detail: { found: 1 } });
  const fine = skips({ set: [{ name: 'x-a', value: '1' }], remove: ['x-b'], path: '/orders?q=1' });
  const { answers, trails } = await run(planOf(fine), requestHead());
  assert.deepEqual(answers, ['requestHeaders +:path=/orders?q=1 +x-a=1 -x-b [0 2 0 2 2]']);
  assert.deepEqual(
    trails[0]?.entries.map(({ verdict, detail }) => [verdict, detail]),
    [['pass', { found: 1 }]],
  );
  const bad = skips({ set: [{ name: 'x-a', value: 'a\nb' }], remove: [] });
  assert.deepEqual((await run(planOf(bad), requestHead())).answers, ['denied 503 portcullis_internal_error']);
});

test('whatever is out of order or cannot be decoded is 503 with a decision id', async () => {
  const denied = ['denied 503 portcullis_internal_error'];
  const orders: readonly (readonly Uint8Array[])[] = [
    [Buffer.from('junk')],
    [Buffer.of()],
    [bodyPart('request', 'a')],
    [trailersPart('response')],
    [responseHead('200')],
    [responseHead('200', {}, { vouched: { reason: 'ok' } })],
    [requestHead({ headers: { ':method': ['GET', 'PUT'] } })],
    [responseHead('abc')],
  ];
  for (const sent of orders) assert.deepEqual((await run(planOf(), ...sent)).answers, denied);
  const twice = await run(planOf(), requestHead(), requestHead());
  assert.equal(twice.answers.at(-1), denied[0]);
  const again = await run(planOf(), requestHead(), responseHead('200'), responseHead('200'));
  assert.equal(again.answers.at(-1), denied[0]);
  const more = await run(planOf(tells('whole')), requestHead(), bodyPart('request', 'a'), bodyPart('request', 'b'));
  assert.equal(more.answers.at(-1), denied[0]);
});

test('a denial of Check passes on its way out, for its request never came this far', async () => {
  const { answers, trails } = await run(
    planOf(),
    responseHead('403', {}, { vouched: { reason: 'no_rule' } }),
    bodyPart('response', 'x', true),
  );
  assert.deepEqual([answers, trails], [['responseHeaders [0 1 0 2 2]', 'responseBody same'], []]);
});

test('guard and match decide here too', async () => {
  const blocked = { ...planOf(), guard: () => reject('address_blocked') };
  const { answers, trails } = await run(blocked, requestHead());
  assert.deepEqual(answers, ['denied 403 portcullis_address_blocked']);
  assert.equal(trails[0]?.entries[0]?.step, 'guard');
  const silent = { ...planOf(), guard: () => ({ kind: 'abstain', detail: {} }) as const };
  assert.deepEqual((await run(silent, requestHead())).answers, ['denied 503 portcullis_internal_error']);
  const nothing = { ...planOf(), match: () => ({ shadows: [], decides: reject('no_rule') }) };
  assert.deepEqual((await run(nothing, requestHead())).answers, ['denied 403 portcullis_no_rule']);
});

test('the rule and the principal are those of Check', async () => {
  const seen: unknown[] = [];
  const asks: ProcessMessage = (_head, { request, principal, rule }) => {
    seen.push([
      request.attributes.contextExtensions.get('rule'),
      request.attributes.source.address,
      principal?.key,
      rule,
    ]);
    return { kind: 'skip', head: { set: [], remove: [] }, detail: {} };
  };
  const plan = { ...planOf(asks), identities: new Map([['users', 'jwt']] as const) };
  const vouched = { rule: 'orders', principal_id: 'alice', principal_source: 'users', decision_id: 'd', reason: 'ok' };
  await run(plan, requestHead({ vouched, source: '192.0.2.7:4711' }));
  await run(plan, requestHead({ vouched: { ...vouched, principal_source: 'gone' }, source: '[2001:db8::1]:1' }));
  await run(plan, requestHead({ source: 'junk' }));
  assert.deepEqual(seen, [
    ['orders', '192.0.2.7', 'users/alice', 'orders'],
    ['orders', '2001:db8::1', undefined, 'orders'],
    [undefined, '', undefined, 'orders'],
  ]);
});

test('a bug is 503, and its text stays inside', async () => {
  const throws: ProcessMessage = () => {
    throw new RangeError('a secret');
  };
  const { answers, trails } = await run(planOf(throws), requestHead());
  assert.deepEqual(answers, ['denied 503 portcullis_internal_error']);
  assert.doesNotMatch(JSON.stringify(trails[0]?.entries), /secret/);
});

test('an answer that would come too late is a denial in time', async () => {
  const never = reads(() => ({ push: () => new Promise(() => {}), detail: () => ({}) }));
  const answers: string[] = [];
  const call = callOf(undefined, 50);
  for await (const answer of process(all([requestHead(), bodyPart('request', 'a')]), call, depsOf(planOf(never))))
    answers.push(summaryOf(answer));
  assert.equal(answers.at(-1), 'denied 503 portcullis_deadline_exceeded');
});

test('where Envoy only lets us watch, nothing is answered and everything recorded', async () => {
  const plan = planOf(
    undefined,
    reads(() => refusing('SECRET', leaks), { how: 'whole' }),
  );
  const { answers, trails, messages } = await run(
    plan,
    requestHead({ observed: true }),
    responseHead('200', {}, { observed: true }),
    bodyPart('response', 'SEC', false, true),
    bodyPart('response', 'RET', true, true),
  );
  assert.deepEqual(answers, []);
  assert.equal(trails[0]?.decision.effect, 'allow');
  assert.deepEqual(
    trails[0]?.entries.map(({ shadow, reason }) => [shadow, reason]),
    [[true, 'response_leaks']],
  );
  assert.equal(messages[0]?.outcome, 'refused');
});

test('more streams than are taken at once are refused, and counted as long as they last', async () => {
  const counts: number[] = [];
  const deps = depsOf(planOf());
  const serve = openProcessor(
    { ...deps, signals: { ...silentSignals, streamsOpen: (count) => counts.push(count) } },
    1,
  );
  const first = serve(all([requestHead(), responseHead('200')]), callOf())[Symbol.asyncIterator]();
  assert.equal(summaryOf((await first.next()).value), 'requestHeaders [0 2 0 2 2]');
  const second: string[] = [];
  for await (const answer of serve(all([requestHead()]), callOf())) second.push(summaryOf(answer));
  assert.deepEqual(second, ['denied 503 portcullis_inspection_overloaded']);
  await first.return?.();
  assert.deepEqual(counts, [1, 2, 1, 0]);
});

test('what cannot be recorded is logged, and hurts nobody', async () => {
  const logged: unknown[] = [];
  const deps = {
    ...depsOf(planOf(tells('stream'))),
    log: { ...silentLog, error: (fields: unknown) => logged.push(fields) },
  };
  const broken = {
    ...deps,
    signals: {
      ...silentSignals,
      messageProcessed: () => {
        throw new TypeError('a secret');
      },
    },
  };
  const answers: string[] = [];
  for await (const answer of process(all([requestHead(), bodyPart('request', 'a', true)]), callOf(), broken))
    answers.push(summaryOf(answer));
  assert.equal(answers.length, 2);
  assert.deepEqual(logged, [{ error: 'TypeError' }]);
});

const anyMessage = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(
    requestHead(),
    requestHead({ modes: duplex }),
    requestHead({ modes: streamed }),
    requestHead({ endOfStream: true, vouched: { rule: 'orders' } }),
    responseHead('200'),
    responseHead('206', { 'content-length': '3' }),
    trailersPart('request'),
    trailersPart('response'),
  ),
  fc
    .tuple(fc.constantFrom('request', 'response'), fc.constantFrom('SEC', 'RET', 'x', ''), fc.boolean())
    .map(([of, text, last]) => bodyPart(of, text, last)),
);

test('no sequence of messages makes a stream fail, and a denial is always its last word', async () => {
  const plans = [planOf(), planOf(tells('whole'), tells('stream')), planOf(tells('stream'), tells('whole'))];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...plans), fc.array(anyMessage, { maxLength: 12 }), async (plan, sent) => {
      const { answers } = await run(plan, ...sent);
      const denials = answers.filter((text) => text.startsWith('denied'));
      assert.ok(denials.length <= 1);
      if (denials.length === 1) assert.equal(answers.at(-1), denials[0]);
    }),
    { numRuns: 500 },
  );
});
