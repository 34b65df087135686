import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planOf, run, tells } from '../../test/support/exchange.ts';
import { looking, reads, refusing, replacing } from '../../test/support/processing.ts';
import {
  bodyPart,
  type RequestHeadParts,
  requestHead,
  responseHead,
  trailersPart,
} from '../../test/support/processing-messages.ts';
import type { Plan } from '../core/plan.ts';
import { fail, reject } from '../core/verdict.ts';

const leaks = fail('response_leaks');
const tooLarge = reject('body_too_large');
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
  const late = await run(planOf(tells('stream')), head, bodyPart('request', 'SEC'), trailersPart('request'));
  assert.deepEqual(late.answers.slice(1), ['requestBody piece ""', 'requestBody piece "SEC"', 'requestTrailers']);
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

test('a body that grows beyond what one message carries is refused, and goes on in pieces where those are taken', async () => {
  const grows = planOf(reads(() => replacing('x', 'y'.repeat(5 * 1024 ** 2)), { how: 'whole' }));
  const buffered = await run(grows, requestHead(), bodyPart('request', 'x', true));
  assert.equal(buffered.answers.at(-1), 'denied 413 portcullis_body_too_large');
  const modes = { request: 'FULL_DUPLEX_STREAMED', response: 'FULL_DUPLEX_STREAMED' } as const;
  const duplex = await run(grows, requestHead({ modes }), bodyPart('request', 'x', true));
  assert.equal(duplex.answers.length, 1 + 80);
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
