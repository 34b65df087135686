import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { aCall, all, depsOf, planOf, run, tells } from '../../test/support/exchange.ts';
import { reads, refusing } from '../../test/support/processing.ts';
import {
  bodyPart,
  requestHead,
  responseHead,
  summaryOf,
  trailersPart,
} from '../../test/support/processing-messages.ts';
import { silentLog, silentSignals } from '../core/ports.ts';
import type { HeadStep, ProcessMessage } from '../core/processing.ts';
import type { ClosedTrail } from '../core/trail.ts';
import { fail, reject } from '../core/verdict.ts';
import { openProcessor, process } from './process.ts';

const leaks = fail('response_leaks');
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
  const call = aCall(50);
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
  const blocked = { ...plan, guard: () => reject('address_blocked') };
  const nobodys = await run(blocked, requestHead({ observed: true }));
  assert.deepEqual(nobodys.trails[0]?.decision.effect, 'allow');
});

test('more streams than are taken at once are refused, and counted as long as they last', async () => {
  const counts: number[] = [];
  const deps = depsOf(planOf());
  const serve = openProcessor(
    { ...deps, signals: { ...silentSignals, streamsOpen: (count) => counts.push(count) } },
    1,
  );
  const first = serve(all([requestHead(), responseHead('200')]), aCall())[Symbol.asyncIterator]();
  assert.equal(summaryOf((await first.next()).value), 'requestHeaders [0 2 0 2 2]');
  const second: string[] = [];
  for await (const answer of serve(all([requestHead()]), aCall())) second.push(summaryOf(answer));
  assert.deepEqual(second, ['denied 503 portcullis_inspection_overloaded']);
  await first.return?.();
  assert.deepEqual(counts, [1, 2, 1, 0]);
});

test('the trace of an exchange is that of the call, else that of the request', async () => {
  const [ofCall, ofRequest] = ['1', '2'].map((digit) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`);
  const traces: (string | undefined)[] = [];
  const tracing = {
    record: ({ trace }: ClosedTrail): void => void traces.push(trace?.spanId[0]),
  };
  const head = requestHead({ headers: { traceparent: ofRequest ?? '' } });
  for (const traceparent of [ofCall, undefined]) {
    const deps = { ...depsOf(planOf(tells('whole'))), tracing };
    for await (const _answer of process(all([head]), { ...aCall(), traceparent }, deps));
  }
  assert.deepEqual(traces, ['1', '2']);
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
  for await (const answer of process(all([requestHead(), bodyPart('request', 'a', true)]), aCall(), broken))
    answers.push(summaryOf(answer));
  assert.equal(answers.length, 2);
  assert.deepEqual(logged, [{ error: 'TypeError' }]);
});

const anyMessage = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(
    requestHead(),
    requestHead({ modes: { request: 'FULL_DUPLEX_STREAMED' } }),
    requestHead({ modes: { request: 'STREAMED', eager: true } }),
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
