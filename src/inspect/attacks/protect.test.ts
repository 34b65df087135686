import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildHere } from '../../../test/support/inspection.ts';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { anAttributes, aSubject, type RequestSketch } from '../../../test/support/requests.ts';
import type { Verdict } from '../../core/verdict.ts';
import { inspections } from '../kinds.ts';
import { openReading } from '../reading.ts';
import { mergeProtect, type ProtectOptions } from './options.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function inspectWith(protect: ProtectOptions): (request: RequestSketch) => Verdict {
  const { context, issues } = recordIssues();
  const inspect = buildHere({ protect, pathParameters: [] }, context);
  assert.deepEqual(issues, []);
  return (request) => inspect(aSubject({ request }));
}

test('a directory that cannot be read is told once', () => {
  const { context, issues } = recordIssues();
  buildHere({ protect: { crs: { dir: 'none' } }, pathParameters: [] }, context);
  assert.deepEqual(issues, ['protect.crs.dir cannot read the directory none']);
});

const balanced = inspectWith({});
const reasonOf = (verdict: Verdict): string =>
  verdict.kind === 'reject' || verdict.kind === 'fail' ? verdict.reason : verdict.kind;
const attack = "' union select password from users--";
const encoded = encodeURIComponent(attack);
const json = { 'content-type': 'application/json' };

test('an attack is refused wherever it stands, and its place is told', () => {
  const places: readonly (readonly [place: string, request: RequestSketch])[] = [
    ['query.q', { query: `q=${encoded}` }],
    ['body/a/b/1', { headers: json, body: bytes(JSON.stringify({ a: { b: ['x', attack] } })) }],
    ['body/f', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: bytes(`f=${encoded}`) }],
    ['body/a', { headers: { 'content-type': 'application/xml' }, body: bytes(`<a>${attack}</a>`) }],
    ['body', { headers: { 'content-type': 'text/plain' }, body: bytes(`x${attack}`) }],
    ['body', { body: bytes(`x${attack}`) }],
    ['body', { headers: { 'content-type': 'application/x-unheard-of' }, body: bytes(`x${attack}`) }],
  ];
  for (const [place, request] of places) {
    const verdict = balanced(request);
    assert.equal(reasonOf(verdict), 'attack_detected', place);
    assert.ok(Object(verdict.detail['attack.places']).includes(place), JSON.stringify(verdict.detail));
    assert.deepEqual(verdict.detail['attack.classes'], ['sqli']);
  }
});

test('the caller learns nothing of what was found', () => {
  const verdict = balanced({ query: `q=${encoded}` });
  assert.ok(verdict.kind === 'reject');
  assert.deepEqual([verdict.expose, verdict.headers], [{}, []]);
});

test('an excerpt is short, printable and without secrets', () => {
  const excerptsOf = (request: RequestSketch): readonly string[] =>
    Object(balanced(request).detail)['attack.excerpts'] ?? [];
  const [excerpt = ''] = excerptsOf({ query: `q=${encodeURIComponent(`a\r\n${attack}${'x'.repeat(500)}`)}` });
  assert.ok(excerpt.length < 100 && !/[\r\n]/.test(excerpt), excerpt);
  assert.ok(excerpt.includes('union select'), excerpt);
  const token = 'AAAABBBBCCCCDDDDEEEEFFFF';
  for (const [name, value] of [
    ['password', attack],
    ['access_token', attack],
    ['q', `${attack} ${token}`],
  ] as const) {
    const shown = excerptsOf({ query: `${name}=${encodeURIComponent(value)}` }).join();
    assert.ok(name === 'q' ? !shown.includes(token) : shown === '', shown);
  }
});

test('an excerpt shows no credential of an identity, no value by a secret name, and no end of a token', () => {
  const { context } = recordIssues();
  const inspect = buildHere({ protect: {}, secretPlaces: ['header.x-custom', 'query.k'], pathParameters: [] }, context);
  const shown = (request: RequestSketch): string =>
    String(Object(inspect(aSubject({ request })).detail)['attack.excerpts'] ?? '');
  assert.equal(shown({ headers: { 'x-custom': `s3cret${attack}` } }), '');
  assert.equal(shown({ query: `k=${encodeURIComponent(`s3cret${attack}`)}` }), '');
  const texts = [`password=s3cret&q=x${attack}`, `{"password":"s3cret","q":"x${attack}"}`, `k=s3cret&q=x${attack}`];
  for (const text of [...texts, `AAAABBBBCCCCDDDDs3cret ' x${attack}`]) {
    const excerpts = shown({ headers: { 'content-type': 'text/plain' }, body: bytes(text) });
    assert.ok(excerpts.includes('union select') && !excerpts.includes('s3cret'), excerpts);
  }
});

test('ordinary requests pass', () => {
  for (const request of [
    { query: 'page=2&sort=created_at&q=blue+running+shoes&name=Conan+O%27Brien' },
    { headers: json, body: bytes('{"comment":"Tom & Jerry: a < b, 50% off (today only); it\'s fine"}') },
    { headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)' } },
  ]) {
    assert.equal(reasonOf(balanced(request)), 'pass', JSON.stringify(request));
  }
});

test('what cannot be looked into is refused', () => {
  const cases: readonly (readonly [reason: string, request: RequestSketch])[] = [
    ['body_malformed', { headers: json, body: bytes('{"a":') }],
    ['body_malformed', { headers: json, body: bytes('{"a":1,"a":2}') }],
    ['payload_excessive', { headers: json, body: bytes(`${'['.repeat(100)}${']'.repeat(100)}`) }],
    ['body_too_large', { headers: { ...json, 'x-envoy-auth-partial-body': 'true' }, body: bytes('{}') }],
    ['media_type_unsupported', { headers: { ...json, 'content-encoding': 'gzip' }, body: bytes('{}') }],
    ['media_type_unsupported', { headers: { 'content-type': 'application/json; charset=utf-7' }, body: bytes('{}') }],
    ['media_type_unsupported', { headers: { 'content-type': ['text/plain', 'text/html'] }, body: bytes('{}') }],
    ['encoding_excessive', { query: 'q=%25252541' }],
  ];
  for (const [reason, request] of cases) assert.equal(reasonOf(balanced(request)), reason, JSON.stringify(request));
});

test('a body that is announced and does not come is refused, unless the rule takes it so', () => {
  const unseen = { method: 'POST', headers: { ...json, 'content-length': '40' } };
  const chunked = { method: 'POST', headers: { ...json, 'transfer-encoding': 'chunked' } };
  const relaxed = inspectWith({ unseen_body: 'pass' });
  for (const request of [unseen, chunked, { ...unseen, body: new Uint8Array() }]) {
    assert.equal(reasonOf(balanced(request)), 'body_missing');
    assert.equal(relaxed(request).kind, 'pass');
    assert.equal(reasonOf(relaxed({ ...request, query: `q=${encoded}` })), 'attack_detected');
  }
  for (const headers of [{}, { 'content-length': '0' }]) {
    assert.equal(balanced({ method: 'POST', headers }).kind, 'pass');
  }
});

test('a body that Envoy may have changed on its way to us is refused by strict alone', () => {
  const strict = inspectWith({ preset: 'strict' });
  const asText = (text: string): RequestSketch => ({
    attributes: anAttributes({ headers: json, body: bytes(text), bodyIsText: true }),
  });
  assert.equal(reasonOf(balanced(asText('{"a":"b!"}'))), 'pass');
  assert.equal(reasonOf(strict(asText('{"a":"b"}'))), 'pass');
  const verdict = strict(asText('{"a":"b!"}'));
  assert.equal(reasonOf(verdict), 'body_malformed');
  assert.match(String(verdict.detail['hint']), /pack_as_bytes/);
});

test('a form that servers read in two ways is searched in both, and only strict refuses it for that', () => {
  const strict = inspectWith({ preset: 'strict' });
  const form = (text: string): RequestSketch => ({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: bytes(text),
  });
  for (const text of ['a=1&b=2\n', 'a=1&b=2\r\n', 'a=1;b=2', 'note=x;y&b=caf\u00e9']) {
    assert.equal(reasonOf(balanced(form(text))), 'pass', text);
    assert.equal(reasonOf(strict(form(text))), 'body_malformed', text);
  }
  for (const text of [
    `a=1;b=${encoded}`,
    `a=1;${encoded}=1`,
    `a=${encoded}\n`,
    "a=x' union select password from users;b=1",
    "a=x' union\nselect\npassword\nfrom users--",
  ]) {
    assert.equal(reasonOf(balanced(form(text))), 'attack_detected', text);
    assert.equal(reasonOf(strict(form(text))), 'attack_detected', text);
  }
  for (const text of ['a=1;__proto__[b]=1', 'a=%zz;b=1', 'a=%ff\n', '\ufeffa=1;b=2']) {
    assert.equal(reasonOf(balanced(form(text))), 'body_malformed', text);
  }
});

test('bytes that are no text are searched for texts in them, and are no attack by themselves', () => {
  const image = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13];
  for (const type of ['application/octet-stream', 'image/png', 'application/x-protobuf'])
    for (const [head, text, reason] of [
      [[...image, 0xff], 'plain', 'pass'],
      [[0, 1, 2, 8], 'plain', 'pass'],
      [[...image, 0xff], attack, 'attack_detected'],
      [[0, 1, 2, 8], attack, 'attack_detected'],
      [[0], attack.replaceAll(' ', '\v'), 'attack_detected'],
      [[], attack, 'attack_detected'],
    ] as const) {
      const body = Buffer.concat([Buffer.from(head), bytes(text), Buffer.from(head)]);
      assert.equal(reasonOf(balanced({ headers: { 'content-type': type }, body })), reason, `${type} ${text}`);
    }
  assert.equal(
    reasonOf(balanced({ headers: { 'content-type': 'text/plain' }, body: bytes('a\0b') })),
    'attack_detected',
  );
});

test('integers of 64 bits are no reason to refuse JSON, but for strict', () => {
  const strict = inspectWith({ preset: 'strict' });
  for (const text of ['{"id":820982911946154508}', '[9007199254740993, "x"]']) {
    assert.equal(reasonOf(balanced({ headers: json, body: bytes(text) })), 'pass');
    assert.equal(reasonOf(strict({ headers: json, body: bytes(text) })), 'body_malformed');
  }
  const attacked = JSON.stringify([0, attack]).replace('0', '820982911946154508');
  assert.equal(reasonOf(balanced({ headers: json, body: bytes(attacked) })), 'attack_detected');
});

test('a part of JSON is searched also where it calls itself a file', () => {
  const part = (json: string): RequestSketch => ({
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: bytes(
      `--b\r\nContent-Disposition: form-data; name="dto"; filename="blob"\r\nContent-Type: application/json\r\n\r\n${json}\r\n--b--`,
    ),
  });
  const verdict = balanced(part(JSON.stringify({ q: attack })));
  assert.equal(reasonOf(verdict), 'attack_detected');
  assert.deepEqual(verdict.detail['attack.places'], ['body/dto/q']);
  assert.equal(reasonOf(balanced(part('{"q":"x"}'))), 'pass');
  assert.equal(reasonOf(balanced(part('no JSON, but a file all the same'))), 'pass');
});

test('two layers of percent-encoding are looked through', () => {
  assert.equal(reasonOf(balanced({ query: `q=${encodeURIComponent(encoded)}` })), 'attack_detected');
  assert.equal(reasonOf(balanced({ query: 'q=100%2525' })), 'pass');
});

test('full-width signs and repeated names hide nothing', () => {
  assert.equal(
    reasonOf(balanced({ query: `q=${encodeURIComponent('＜script＞alert(1)＜/script＞')}` })),
    'attack_detected',
  );
  assert.equal(
    reasonOf(balanced({ query: `id=1%20union%20/*&id=*/select%20password%20from%20users--` })),
    'attack_detected',
  );
});

test('monitor and shadow record, and refuse nothing', () => {
  for (const protect of [{ preset: 'monitor' }, { mode: 'shadow' }] as const) {
    const verdict = inspectWith(protect)({ query: `q=${encoded}` });
    assert.equal(verdict.kind, 'abstain');
    assert.equal(verdict.detail['protect'], 'attack_detected');
    assert.equal(verdict.detail['protect.shadow'], true);
    assert.deepEqual(verdict.detail['attack.classes'], ['sqli']);
  }
});

test('off searches nothing, also where the whole config searches', () => {
  const { context } = recordIssues();
  const off = mergeProtect({ preset: 'strict' }, { preset: 'off' });
  assert.equal(inspections.attacks.build({ protect: off, pathParameters: [] }, context), undefined);
});

test('exclusions are by rule or class, everywhere or in a place, and add up', () => {
  const request = { query: `q=${encoded}` };
  const excluded = (exclude: ProtectOptions['exclude']): string => reasonOf(inspectWith({ exclude })(request));
  assert.equal(excluded([{ rule: 'sqli' }]), 'pass');
  assert.equal(excluded([{ rule: '*', on: 'query.*' }]), 'pass');
  assert.equal(excluded([{ rule: 'sqli', on: ['query.other', 'query.q'] }]), 'pass');
  assert.equal(excluded([{ rule: 'sqli', on: 'query.other' }]), 'attack_detected');
  assert.equal(excluded([{ rule: 'xss' }]), 'attack_detected');
  const merged = mergeProtect({ exclude: [{ rule: 'sqli' }] }, { exclude: [{ rule: 'xss' }] });
  assert.deepEqual(merged?.exclude, [{ rule: 'sqli' }, { rule: 'xss' }]);
});

test('a field that a contract has proven is not searched', () => {
  const { context } = recordIssues();
  const built = inspections.attacks.build({ protect: {}, pathParameters: [] }, context);
  const subject = aSubject({ request: { query: `q=${encoded}` } });
  const reading = { ...openReading(), proven: ({ name }: { readonly name: string }) => name === 'q' };
  assert.equal(built?.inspect(subject, reading).kind, 'pass');
});

test('another thread makes the same of the spec', () => {
  const { context } = recordIssues();
  const built = inspections.attacks.build({ protect: { preset: 'strict' }, pathParameters: [] }, context);
  const again = inspections.attacks.compile(structuredClone(built?.spec));
  const subject = aSubject({ request: { query: `q=${encoded}` } });
  assert.deepEqual(again(subject, openReading()), built?.inspect(subject, openReading()));
});
