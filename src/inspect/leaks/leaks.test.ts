import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { aSubject } from '../../../test/support/requests.ts';
import type { HeadStep, MessageHead } from '../../core/processing.ts';
import { buildLeaks } from './build.ts';
import { leakKinds } from './detector.ts';
import type { LeakPolicyOptions } from './options.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const json = { 'content-type': ['application/json'] };

function step(
  policy: LeakPolicyOptions,
  head: Partial<Omit<MessageHead, 'headers'>> & { readonly headers?: Readonly<Record<string, readonly string[]>> } = {},
  method = 'GET',
): HeadStep {
  const { context, issues } = recordIssues();
  const { response } = buildLeaks({ response: [policy] }, context);
  assert.deepEqual(issues, []);
  assert.ok(response !== undefined);
  const { headers = json, ...rest } = head;
  return response(
    { status: 200, endOfStream: false, ...rest, headers: new Map(Object.entries(headers)) },
    aSubject({ request: { method } }),
  );
}

interface Passed {
  readonly text: string;
  readonly refusal: string | undefined;
  readonly detail: Readonly<Record<string, unknown>>;
}

async function pass(policy: LeakPolicyOptions, pieces: readonly Uint8Array[]): Promise<Passed> {
  const opened = step(policy);
  assert.ok(opened.kind === 'read');
  const out: Uint8Array[] = [];
  for (const [index, piece] of pieces.entries()) {
    const passed = await opened.body.push(piece, index === pieces.length - 1);
    if (passed.kind === 'refuse') return { text: '', refusal: passed.refusal.reason, detail: passed.refusal.detail };
    out.push(passed.bytes);
  }
  return { text: Buffer.concat(out).toString('utf8'), refusal: undefined, detail: opened.body.detail() };
}

const all: LeakPolicyOptions = { detectors: leakKinds };
const masked = async (text: string): Promise<string> => (await pass(all, [encode(text)])).text;

const token = [{ alg: 'none' }, { sub: 'alice' }].map((part) =>
  Buffer.from(JSON.stringify(part)).toString('base64url'),
);
const pem = `-----BEGIN PRIVATE KEY-----\\n${'MIIEvQ'.repeat(20)}\\n-----END PRIVATE KEY-----`;

const leaks: Readonly<Record<string, readonly [text: string, hidden: string]>> = {
  'a card': ['{"pan":"4111111111111111"}', '{"pan":"************1111"}'],
  'a card as a negative number': ['[-4111111111111111]', '[-9999999999991111]'],
  'a card as a number': ['{"pan":4111111111111111,"a":1}', '{"pan":9999999999991111,"a":1}'],
  'a card in groups': ['5500-0055-5555-5559', '****-****-****-5559'],
  'a card in groups with no-break spaces': ['4111\u00a01111\u00a01111\u00a01111', '****\u00a0****\u00a0****\u00a01111'],
  'a card with zero-width spaces': ['4111\u200b1111\u200b1111\u200b1111', '****\u200b****\u200b****\u200b1111'],
  'a card in wide digits': ['４１１１１１１１１１１１１１１１', '＊＊＊＊＊＊＊＊＊＊＊＊１１１１'],
  'a card in escapes': ['"4111\\u00201111\\u200b1111 1111"', '"****\\u0020****\\u200b**** 1111"'],
  'a card whose digits are escapes': ['"\\u0034\\u00311\\uff11 111111111111"', '"\\u002a\\u002a*\\uff0a ********1111"'],
  'a card behind an escape': ['"pan\\n4111111111111111"', '"pan\\n************1111"'],
  'a card in a form': ['pan=4111+1111%201111-1111&a=1', 'pan=****+****%20****-1111&a=1'],
  'a card with an exponent': ['{"pan":4.111111111111111e15}', '{"pan":9.999999999991111e15}'],
  'a card with a fraction of zeros': ['[4111111111111111.0]', '[9999999999991111.0]'],
  'a card with escaped slashes': ['"4111\\/1111\\/1111\\/1111"', '"****\\/****\\/****\\/1111"'],
  'a card behind many numbers': [`${'20 '.repeat(30)}4111 1111 1111 1111`, `${'20 '.repeat(30)}**** **** **** 1111`],
  'a card digit by digit': ['4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1', '* * * * * * * * * * * * 1 1 1 1'],
  'a social security number beside another': ['7 078-05-1120 8', '7 ***-**-1120 8'],
  'a card with dots': ['4111.1111.1111.1111', '****.****.****.1111'],
  'a card beside another number': ['17 4111 1111 1111 1111 23', '17 **** **** **** 1111 23'],
  'an Amex card': ['amex 378282246310005.', 'amex 999999999990005.'],
  'an IBAN': ['"DE89370400440532013000"', '"DE****************3000"'],
  'an IBAN in groups': ['DE89 3704 0044 0532 0130 00', 'DE** **** **** **** ***0 00'],
  'a social security number': ['ssn 078-05-1120.', 'ssn ***-**-1120.'],
  'a private key': [
    pem,
    `-----BEGIN PRIVATE KEY-----\\n${'*'.repeat(120)}\\n-----END PRIVATE KEY-----`.replaceAll(/[A-Z]/g, '*'),
  ],
  'a token': [`Bearer ${token.join('.')}.`, `Bearer eyJh${'*'.repeat(15)}.${'*'.repeat(20)}.`],
  'a key of a cloud': ['"AKIAIOSFODNN7EXAMPLE"', '"AKIA****************"'],
  'a key of a vendor': [`ghp_${'a1'.repeat(18)}`, `ghp_${'*'.repeat(36)}`],
  'a frame of a stack trace': [
    '{"m":"x\\n    at run (/srv/app.js:10:5)"}',
    '{"m":"x\\n    ** *** (/***/***.**:**:*)"}',
  ],
  'an error of a database': [
    '{"m":"ORA-00942: table or view does not exist"}',
    '{"m":"***-*****: ***** ** **** **** *** *****"}',
  ],
};

for (const [what, [text, hidden]] of Object.entries(leaks)) {
  test(`hides ${what}`, async () => {
    assert.equal(await masked(text), hidden);
    assert.equal(await masked(`${text}\n`), `${hidden}\n`);
  });
}

const harmless: readonly string[] = [
  '{"id":4111111111111112,"at":1732281600000,"price":0.4111111111111111}',
  '{"uuid":"41111111-1111-4111-8111-111111111111","hash":"a4111111111111111","n":"4111111111111111b"}',
  '12345678901234567890123456789012345678901234567890123456789012345678901234567890',
  '0.4111111111111111 and 4111111111111111.5',
  '000-12-3456 666-12-3456 900-12-3456 123-00-3456 123-45-0000 1123-45-6789 078-05-11201',
  'DE00370400440532013000 DE8937040044053201300 XX89370400440532013000 de89370400440532013000',
  'We meet at noon, at the station: 10:30. He was at (or near) home.  at last',
  '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n----------',
  'eyJhbGciOi is no token, eyJ.eyJ.x neither; keys like AKIA, ghp_short, sk_live_1, SG.x and npm_install stay',
  'A tale of +1 (555) 123-4567, 2026-11-22T10:00:00.000Z, 192.168.100.200 and 3.14159265358979323846',
];

test('leaves alone what is no leak, as the very array that came', async () => {
  for (const text of harmless) {
    const opened = step(all);
    assert.ok(opened.kind === 'read');
    const bytes = encode(text);
    const passed = await opened.body.push(bytes, true);
    assert.deepEqual(passed, { kind: 'forward', bytes });
    assert.ok(passed.kind === 'forward' && passed.bytes === bytes, text);
    assert.deepEqual(opened.body.detail(), {});
  }
});

test('finds the same wherever a body is cut, keeps its length and its JSON', async () => {
  const texts = [...Object.values(leaks).map(([text]) => text), ...harmless];
  const document = fc.array(fc.oneof(fc.constantFrom(...texts), fc.string({ maxLength: 12 })), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(document, fc.array(fc.nat(400), { maxLength: 12 }), async (parts, cuts) => {
      const text = JSON.stringify(parts);
      const bytes = encode(text);
      const whole = await pass(all, [bytes]);
      const places = [0, ...cuts.map((at) => at % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
      const pieces = places.slice(1).map((end, index) => bytes.slice(places[index], end));
      const cut = await pass(all, pieces);
      assert.equal(cut.text, whole.text);
      assert.deepEqual(cut.detail['leaks'], whole.detail['leaks']);
      assert.equal(encode(whole.text).length, bytes.length);
      JSON.parse(whole.text);
    }),
    { numRuns: 500 },
  );
});

test('nothing waits behind the end of an event', async () => {
  const opened = step(all, { headers: { 'content-type': ['text/event-stream'] } });
  assert.ok(opened.kind === 'read');
  const event = encode('data: {"ticket":"A1"}\n\n');
  assert.deepEqual(await opened.body.push(event, false), { kind: 'forward', bytes: event });
});

test('evidence is a hash, never the value', async () => {
  const { detail } = await pass({ action: 'detect' }, [encode('4111111111111111 and 4111 1111 1111 1111')]);
  assert.deepEqual(detail['leaks'], ['cards:detect:2']);
  const [first = ''] = Array.isArray(detail['evidence']) ? detail['evidence'] : [];
  assert.match(String(first), /^cards body@0 [0-9a-f]{16}$/);
});

test('block refuses once enough was found; fewer are hidden', async () => {
  const two = [encode('4111111111111111, '), encode('378282246310005')];
  assert.equal((await pass({ action: 'block' }, two)).refusal, 'response_leaks');
  assert.equal((await pass({ action: 'block', at_least: 3 }, two)).text, '9999999999991111, 999999999990005');
  assert.equal((await pass({ actions: { ssn: 'block' } }, two)).refusal, undefined);
  const blocking = step({ action: 'block', max_bytes: '2KiB' });
  assert.ok(blocking.kind === 'read' && blocking.how === 'whole' && blocking.maxBytes === 2048);
  assert.equal(blocking.tooLarge?.reason, 'response_unreadable');
});

test('own patterns are found, over cuts too', async () => {
  const policy: LeakPolicyOptions = { detectors: [], patterns: { badge: { pattern: 'EMP-[0-9]{6}', max_length: 10 } } };
  const { text, detail } = await pass(policy, ['no EM', 'P-12', '3456; EMP-1', '2 EMP-654321'].map(encode));
  assert.equal(text, 'no ***-******; EMP-12 ***-******');
  assert.deepEqual(detail['leaks'], ['badge:mask:2']);
});

test('what cannot be looked into is refused where something would be hidden or blocked', () => {
  const heads: readonly Parameters<typeof step>[1][] = [
    { headers: { ...json, 'content-encoding': ['gzip'] } },
    { headers: { ...json, 'content-encoding': ['identity, br'] } },
    { headers: { 'content-type': ['application/json; charset=utf-16le'] } },
    { headers: { 'content-type': ['application/json', 'text/html'] } },
    { headers: json, status: 206 },
  ];
  for (const head of heads) {
    const refused = step({ action: 'block' }, head);
    assert.ok(refused.kind === 'refuse' && refused.refusal.reason === 'response_unreadable');
    assert.equal(step({ action: 'mask' }, head).kind, 'refuse');
    assert.equal(step({ action: 'detect' }, head).kind, 'skip');
    assert.equal(step({ action: 'block', on_unreadable: 'allow' }, head).kind, 'skip');
    assert.equal(step({ action: 'block', mode: 'shadow' }, head).kind, 'skip');
  }
});

test('other types, bodiless answers and HEAD are left alone', () => {
  assert.equal(step(all, { headers: { 'content-type': ['image/png'] } }).kind, 'skip');
  assert.equal(step(all, { status: 304 }).kind, 'skip');
  assert.equal(step(all, { endOfStream: true }).kind, 'skip');
  assert.equal(step(all, {}, 'HEAD').kind, 'skip');
  assert.equal(step(all, { headers: {} }).kind, 'read');
});

test('headers are looked at, those of credentials aside', () => {
  const headers = { ...json, location: ['/pay?pan=4111111111111111'], 'set-cookie': ['pan=4111111111111111'] };
  const opened = step(all, { headers });
  assert.ok(opened.kind === 'read');
  assert.deepEqual(opened.head, { set: [{ name: 'location', value: '/pay?pan=************1111' }], remove: [] });
  assert.equal(step({ action: 'block' }, { headers }).kind, 'refuse');
});

test('issues of the options have their place', () => {
  const { context, issues } = recordIssues({ 'short.key': 'short' });
  const policy: LeakPolicyOptions = {
    detectors: ['cards'],
    actions: { ssn: 'block' },
    patterns: { cards: { pattern: '(?=a)' } },
    max_bytes: '0B',
  };
  buildLeaks({ response: [policy], evidence_key_file: 'short.key' }, context);
  assert.deepEqual(
    issues.map((issue) => issue.split(' ')[0]),
    [
      'evidence_key_file',
      'response.0.actions.ssn',
      'response.0.patterns.cards',
      'response.0.max_bytes',
      'response.0.patterns.cards.pattern',
    ],
  );
});
