// Whatever a request looks like: it gets a verdict, and an attack in it is not let through, wherever it stands and however it
// is written. The seeds are fixed; FUZZ_RUNS=20000 looks further.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Verdict } from '../../src/core/verdict.ts';
import { openDetector } from '../../src/inspect/attacks/detection/detector.ts';
import { compileExclusions } from '../../src/inspect/attacks/detection/exclusions.ts';
import { compileRuleSet } from '../../src/inspect/attacks/detection/rule-set.ts';
import type { RuleEngine } from '../../src/inspect/attacks/engine.ts';
import { openEngine } from '../../src/inspect/attacks/engines/index.ts';
import { openView } from '../../src/inspect/attacks/request/view.ts';
import { embeddedRules } from '../../src/inspect/attacks/rules/index.ts';
import type { InspectionOptions } from '../../src/inspect/index.ts';
import { coreRuleSet, textsOf } from '../support/core-rule-set.ts';
import { buildHere } from '../support/inspection.ts';
import { recordIssues } from '../support/recording-context.ts';
import { aSubject, type RequestSketch } from '../support/requests.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 400);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A value at some place of a request, with ordinary texts around it. */
type Place = (value: string, noise: readonly string[], at: number) => RequestSketch;

const insert = (noise: readonly string[], at: number, value: string): readonly string[] =>
  noise.toSpliced(at % (noise.length + 1), 0, value);
const posted = (type: string, body: string | Uint8Array): RequestSketch => ({
  method: 'POST',
  headers: { 'content-type': type },
  body: typeof body === 'string' ? encode(body) : body,
});
const pairs = (values: readonly string[]): string =>
  values.map((value, index) => `p${index}=${encodeURIComponent(value)}`).join('&');
const xmlText = (text: string): string => text.replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const nested = (value: unknown, depth: number): unknown =>
  Array.from({ length: depth }).reduce<unknown>((inner, _, level) => (level % 2 === 0 ? { a: inner } : [inner]), value);
const json = (values: readonly string[], at: number): string =>
  JSON.stringify(values.map((value, index) => (index === at % values.length ? nested(value, at % 30) : value)));

function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))];
}
function field(number: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(content.length)]), content]);
}
function grpc(values: readonly string[]): Uint8Array {
  const message = Buffer.concat(values.map((value, index) => field((index % 100) + 1, field(1, encode(value)))));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
const multipart = (values: readonly string[]): string =>
  `${values.map((value, index) => `--b\r\nContent-Disposition: form-data; name="p${index}"\r\n\r\n${value}\r\n`).join('')}--b--\r\n`;

const places: Readonly<Record<string, Place>> = {
  query: (value, noise, at) => ({ query: pairs(insert(noise.slice(0, 50), at, value)) }),
  header: (value) => ({ headers: { 'x-note': value } }),
  'repeated header': (value, noise) => ({ headers: { 'x-note': [...noise.slice(0, 5), value] } }),
  cookie: (value, noise) => ({ headers: { cookie: `theme=${noise.length}; a=${encodeURIComponent(value)}` } }),
  JSON: (value, noise, at) => posted('application/json', json(insert(noise, at, value), at)),
  'a name of JSON': (value, noise) => posted('application/vnd.a+json', JSON.stringify({ noise, [value]: 1 })),
  NDJSON: (value, noise, at) =>
    posted(
      'application/x-ndjson',
      insert(noise, at, value)
        .map((text) => JSON.stringify({ a: text }))
        .join('\n'),
    ),
  form: (value, noise, at) => posted('application/x-www-form-urlencoded', pairs(insert(noise, at, value))),
  multipart: (value, noise, at) =>
    posted('multipart/form-data; boundary=b', multipart(insert(noise.slice(0, 150), at, value))),
  XML: (value, noise, at) =>
    posted(
      'text/xml',
      `<a>${insert(noise, at, value)
        .map((text) => `<b>${xmlText(text)}</b>`)
        .join('')}</a>`,
    ),
  'an attribute of XML': (value) => posted('image/svg+xml', `<a b="${xmlText(value)}"/>`),
  GraphQL: (value) => posted('application/graphql', `query { a(b: ${JSON.stringify(value)}) { c } }`),
  gRPC: (value, noise, at) => posted('application/grpc', grpc(insert(noise, at, value))),
  text: (value) => posted('text/plain', value),
  'an unknown type': (value) => posted('application/x-unheard', value),
};

const wide = (text: string): string =>
  text.replace(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0));
const escaped = (text: string, write: (code: string) => string): string =>
  text.replace(/[^A-Za-z0-9 ]/g, (sign) => write(sign.charCodeAt(0).toString(16)));
const writings: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  'percent-encoded': encodeURIComponent,
  'as the IIS does': (text) => escaped(text, (code) => `%u${code.padStart(4, '0')}`),
  wide,
  'wide and percent-encoded': (text) => encodeURIComponent(wide(text)),
  Base64: (text) => Buffer.from(text).toString('base64'),
  'Base64 for URLs': (text) => Buffer.from(text).toString('base64url'),
  'in references of HTML': (text) => escaped(text, (code) => `&#x${code};`),
  'in escapes of JavaScript': (text) => escaped(text, (code) => `\\u${code.padStart(4, '0')}`),
};

const attacks = [
  "1' or '1'='1",
  "x' union select password from users--",
  '<script>confirm(1)</script>',
  '../../../../etc/passwd',
  '; cat /etc/passwd',
  '$'.concat('{jndi:ldap://x.example/a}'),
];

const words = ['blue', 'shoes', 'it is fine', "O'Neil", '5 < 6', 'a+b', 'ünïcode', '2026-11-22', '100 %', 'x'];
const wordsOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${words[index % words.length]} ${index}`);

/** An attack by the names of its place and its writing. */
interface Hidden {
  readonly place: string;
  readonly writing: string;
  readonly attack: string;
  /** How many ordinary texts stand around it, and where among them it is. */
  readonly noise: number;
  readonly at: number;
}

const hidden: fc.Arbitrary<Hidden> = fc.record({
  place: fc.constantFrom(...Object.keys(places)),
  writing: fc.constantFrom(...Object.keys(writings)),
  attack: fc.constantFrom(...attacks),
  noise: fc.oneof(fc.nat(10), fc.nat(600)),
  at: fc.nat(1000),
});

/** What a set of options says of requests. */
type Inspected = (request: RequestSketch) => Verdict;

function inspected(options: InspectionOptions, files: Readonly<Record<string, string>> = {}): Inspected {
  const { context, issues } = recordIssues(files);
  const inspect = buildHere(options, context);
  assert.deepEqual(issues, []);
  return (request) => inspect(aSubject({ request }));
}

function requestOf({ place, writing, attack, noise, at }: Hidden): RequestSketch {
  const [put, write] = [places[place], writings[writing]];
  assert.ok(put && write);
  return put(write(attack), wordsOf(noise), at);
}

// A machine that is busy makes a search late: that is a fail, and no pass.
const isLate = (verdict: Verdict): boolean => verdict.kind === 'fail' && verdict.reason === 'inspection_timeout';

const crs = await coreRuleSet();
const configured: Readonly<Record<string, () => Inspected>> = {
  'the built-in rules': () => inspected({ protect: {}, pathParameters: [] }),
  'strict rules': () => inspected({ protect: { preset: 'strict' }, pathParameters: [] }),
  'the Core Rule Set': () =>
    typeof crs === 'string'
      ? assert.fail(crs)
      : inspected({ protect: { crs: { dir: 'crs' } }, pathParameters: [] }, textsOf(crs)),
};

for (const [name, open] of Object.entries(configured)) {
  const skip = name === 'the Core Rule Set' && typeof crs === 'string' ? crs : false;

  test(`${name}: an attack is let through at no place and in no writing`, { skip }, () => {
    const inspect = open();
    fc.assert(
      fc.property(hidden, (drawn) => {
        const verdict = inspect(requestOf(drawn));
        assert.ok(verdict.kind === 'reject' || isLate(verdict), JSON.stringify(verdict));
      }),
      { numRuns, seed: 6 },
    );
  });

  test(`${name}: what is cut, doubled, turned round or broken gets a verdict`, { skip }, () => {
    const inspect = open();
    const edit: fc.Arbitrary<Edit> = fc.tuple(
      fc.constantFrom('cut', 'double', 'turn', 'set'),
      fc.nat(),
      fc.nat(20),
      fc.nat(255),
    );
    const broken = fc.record({
      drawn: hidden,
      edits: fc.array(edit, { minLength: 1, maxLength: 4 }),
      type: fc.option(
        fc.constantFrom('application/json', 'text/xml', 'application/grpc', 'multipart/form-data; boundary=b', ';'),
      ),
    });
    fc.assert(
      fc.property(broken, ({ drawn, edits, type }) => {
        const request = requestOf({ ...drawn, noise: drawn.noise % 20 });
        const body = request.body === undefined ? undefined : edits.reduce(edited, Buffer.from(request.body));
        const headers = { ...Object(request.headers), ...(type === null ? {} : { 'content-type': type }) };
        const verdict = inspect({ ...request, headers, body });
        assert.ok(verdict.kind === 'pass' || verdict.kind === 'reject' || isLate(verdict), JSON.stringify(verdict));
      }),
      { numRuns, seed: 7 },
    );
  });
}

/** One edit of a body: how, from where, how much, and which byte is set. */
type Edit = readonly [how: 'cut' | 'double' | 'turn' | 'set', where: number, length: number, byte: number];

function edited(body: Buffer, [how, where, length, byte]: Edit): Buffer {
  const at = where % (body.length + 1);
  const [before, middle, behind] = [body.subarray(0, at), body.subarray(at, at + length), body.subarray(at + length)];
  switch (how) {
    case 'cut':
      return Buffer.concat([before, behind]);
    case 'double':
      return Buffer.concat([before, middle, middle, behind]);
    case 'turn':
      return Buffer.concat([before, Buffer.from(middle).reverse(), behind]);
    case 'set':
      return Buffer.concat([before, Buffer.from([byte]), behind]);
    default:
      return how satisfies never;
  }
}

test('what an engine has not seen is never let through on its word', () => {
  const engine = openEngine('auto');
  const faulty = (spoil: () => boolean): RuleEngine => ({
    ...engine,
    compile: (probes) => {
      const { compiled, problems } = engine.compile(probes);
      const run: typeof compiled.run = (...asked) => (spoil() ? { hits: [], complete: false } : compiled.run(...asked));
      return { problems, compiled: { ...compiled, run } };
    },
  });
  let spoiled = false;
  const set = compileRuleSet(
    embeddedRules,
    faulty(() => {
      spoiled = true;
      return true;
    }),
  );
  const detect = openDetector(set, compileExclusions([]));
  fc.assert(
    fc.property(hidden, (drawn) => {
      spoiled = false;
      const subject = aSubject({ request: { ...requestOf(drawn), body: undefined } });
      const { complete } = detect(openView({ subject, content: undefined, proven: () => false }), 60_000);
      assert.equal(complete, !spoiled);
    }),
    { numRuns, seed: 8 },
  );
  set.probes.close();
});
