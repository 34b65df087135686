import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Subject } from '../../src/core/plan.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import type { BodyFormat, ContentLimits, Format } from '../../src/inspect/content/content.ts';
import { formats, readContent } from '../../src/inspect/content/index.ts';
import { inspections } from '../../src/inspect/index.ts';
import type { Inspect } from '../../src/inspect/inspection.ts';
import { openReading } from '../../src/inspect/reading.ts';
import { recordIssues } from '../support/recording-context.ts';
import { aSubject } from '../support/requests.ts';

const limits: ContentLimits = { maxBytes: 4096, maxDepth: 8, maxFields: 50, maxParts: 4 };
const secret = 'hunter2-hunter2';
const part = (name: string, text: string): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;

/** Of each format its media type, a sound body, bodies that cannot be read, and pieces of which noise is made. */
const samples: Readonly<
  Record<
    Format,
    { readonly type: string; readonly sound: string; readonly unsound: readonly string[]; readonly pieces: string }
  >
> = {
  json: {
    type: 'application/json',
    sound: `{"a":["${secret}"]}`,
    unsound: [`{"a":"${secret}`, `{"${secret}":1,"${secret}":`, `["${secret}"] x`],
    pieces: '{ } [ ] " : , \\ \\u d800 1 e - . true null a __proto__ \n',
  },
  ndjson: {
    type: 'application/x-ndjson',
    sound: `{"a":"${secret}"}\n1\n`,
    unsound: [`"${secret}"\n"${secret}`, `"${secret}"\n\n1`],
    pieces: '{ } [ ] " : , 1 a \n',
  },
  form: {
    type: 'application/x-www-form-urlencoded',
    sound: `a=${secret}&b=`,
    unsound: [`a=${secret}%ff`, `a=${secret};b=1`, `__proto__=${secret}`],
    pieces: '& = % %2 %41 %ff ; a + [ ]',
  },
  multipart: {
    type: 'multipart/form-data; boundary=b',
    sound: `${part('a', secret)}--b--`,
    unsound: [part('a', secret), `${secret}${part('a', secret)}--b--`, `${part('a', secret)}--b--${secret}`],
    pieces: '--b -- \r\n Content-Disposition: form-data; name="a" filename="" Content-Type: a',
  },
  xml: {
    type: 'application/xml',
    sound: `<a b="${secret}">${secret}</a>`,
    unsound: [`<a>${secret}`, `<!DOCTYPE ${secret}><a/>`, `<a>&${secret};</a>`, `<?${secret}?><a/>`],
    pieces: '<a </a> > /> <![CDATA[ ]]> <!-- --> <?xml version="1.0"?> <!DOCTYPE [ & amp; # x41 = "',
  },
  graphql: {
    type: 'application/graphql',
    sound: `{ a(b: "${secret}") }`,
    unsound: [`{ a(b: "${secret}`, secret],
    pieces: '{ } ( ) [ ] : $ ... on a " """ @ # ! = 1 query fragment \n',
  },
  grpc: {
    type: 'application/grpc',
    sound: `\0\0\0\0\x11\n\x0f${secret}`,
    unsound: [`\0\0\0\0\x12\n\x0f${secret}`, `\x01\0\0\0\x11\n\x0f${secret}`, `\0\0\0\0\x10\n\x0f${secret}`, secret],
    pieces: '\0 \x01 \0\0\0\0\x05 \n \x05 \x0b \x0c \x12 a \t',
  },
  text: { type: 'text/plain', sound: secret, unsound: [], pieces: 'a \n' },
  binary: { type: 'application/octet-stream', sound: secret, unsound: [], pieces: 'a \n' },
};

const bodyOf = (format: Format): BodyFormat => ({
  format,
  mediaType: samples[format].type.split(';')[0] ?? '',
  boundary: format === 'multipart' ? 'b' : undefined,
});
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function assertAlike(one: Inspect, other: Inspect, subject: Subject): void {
  const seen = (inspect: Inspect): Verdict => inspect(subject, openReading());
  assert.deepEqual(seen(other), seen(one));
}

for (const format of Object.keys(formats) as Format[]) {
  const { sound, unsound, pieces, type } = samples[format];
  const read = (bytes: Uint8Array, bounds: Partial<ContentLimits> = {}) =>
    readContent(bodyOf(format), bytes, { ...limits, ...bounds });

  test(`${format}: a sound body is read, and every text of it is a field`, () => {
    const result = read(encode(sound));
    assert.ok(result.ok);
    assert.equal(result.content.format, format);
    assert.equal(
      result.content.fields.some(({ text }) => text === secret),
      format !== 'binary',
    );
  });

  test(`${format}: what cannot be read is refused with a word and a place, never with the text`, () => {
    for (const body of unsound) {
      const result = read(encode(body));
      assert.ok(!result.ok && !result.excess, body);
      assert.match(result.problem, /^[a-z0-9_]+$/);
      assert.ok(!JSON.stringify(result).includes(secret) || format === 'json', JSON.stringify(result));
    }
  });

  test(`${format}: its bounds hold`, () => {
    const large = read(new Uint8Array(limits.maxBytes + 1));
    assert.ok(!large.ok && large.excess && large.problem === 'too_large');
    const few = read(encode(sound), { maxFields: 0 });
    assert.equal(few.ok, format === 'binary');
    assert.ok(few.ok || few.excess);
  });

  test(`${format}: no bytes make it throw, and no field is beyond the bounds`, () => {
    const words = fc.constantFrom(...pieces.split(' '), ' ', secret);
    const noise = fc.array(words, { maxLength: 40 }).map((all) => encode(all.join('')));
    const cut = fc
      .tuple(fc.nat(sound.length), fc.nat(sound.length), noise)
      .map(([from, to, middle]) => Buffer.concat([encode(sound.slice(0, from)), middle, encode(sound.slice(to))]));
    fc.assert(
      fc.property(fc.oneof(noise, cut, fc.uint8Array({ maxLength: 100 })), (bytes) => {
        const result = read(bytes);
        if (!result.ok) return result.pointer.length <= 256;
        return result.content.fields.every(({ name, text }) => name.length <= 256 && text.isWellFormed());
      }),
      { numRuns: 500 },
    );
  });

  test(`${format}: made again from its plain spec, the check of a payload decides alike`, () => {
    const mediaType = type.split(';')[0] ?? '';
    const built = inspections.schema.build(
      { payload: { content_types: [mediaType] }, pathParameters: [] },
      recordIssues().context,
    );
    assert.ok(built);
    const again = inspections.schema.compile(structuredClone(built.spec));
    for (const body of [sound, ...unsound, '']) {
      const subject = aSubject({ request: { headers: { 'content-type': type }, body: encode(body) } });
      assertAlike(built.inspect, again, subject);
    }
  });
}

test('made again from its plain spec, a contract decides alike', () => {
  const document = {
    openapi: '3.0.3',
    info: { title: 'a', version: '1' },
    paths: {
      '/orders': {
        post: {
          parameters: [{ name: 'n', in: 'query', schema: { type: 'integer' } }],
          requestBody: { content: { 'application/json': { schema: { type: 'string', nullable: true } } } },
          responses: { 200: { description: 'ok' } },
        },
      },
    },
  };
  const { context, issues } = recordIssues({ 'api.json': JSON.stringify(document) });
  const built = inspections.schema.build(
    { payload: { openapi_file: 'api.json', strict: true }, pathParameters: [] },
    context,
  );
  assert.ok(built);
  assert.deepEqual(issues, []);
  const again = inspections.schema.compile(structuredClone(built.spec));
  for (const [query, body] of [
    ['n=1', '"a"'],
    ['n=x', '"a"'],
    ['', '7'],
    ['', 'null'],
    ['z=1', '"a"'],
  ] as const) {
    const headers = { 'content-type': 'application/json' };
    const subject = aSubject({ request: { method: 'POST', query, headers, body: encode(body) } });
    assertAlike(built.inspect, again, subject);
  }
});
