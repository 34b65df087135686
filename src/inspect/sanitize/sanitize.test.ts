import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { aSubject } from '../../../test/support/requests.ts';
import type { HeadStep } from '../../core/processing.ts';
import { inlinePool } from '../pool/inline.ts';
import { buildSanitize } from './build.ts';
import { type SanitizeOptions, usualExceptions } from './options.ts';

type Head = Readonly<Record<string, readonly string[]>>;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const json: Head = { 'content-type': ['application/json'] };

function step(options: SanitizeOptions, headers: Head = json, path = '/orders'): HeadStep {
  const { context, issues } = recordIssues();
  const sanitize = buildSanitize(options, context, inlinePool);
  assert.deepEqual(issues, []);
  assert.ok(sanitize !== undefined);
  const head = { status: undefined, headers: new Map(Object.entries(headers)), endOfStream: false };
  return sanitize(head, aSubject({ request: { attributes: { ...aSubject().request.attributes, path } } }));
}

async function change(options: SanitizeOptions, text: string, headers: Head = json): Promise<string> {
  const opened = step(options, headers);
  assert.ok(opened.kind === 'read' && opened.how === 'whole');
  const changed = await opened.body.push(encode(text), true);
  if (changed.kind === 'refuse') return changed.refusal.reason;
  return Buffer.from(changed.bytes).toString('utf8');
}

const html: SanitizeOptions = { body: [{ fields: ['/comment', '/items/*/note'], encode: 'html' }] };

test('html: named texts lose their special characters, everything else keeps its bytes', async () => {
  const document =
    '{ "comment" : "<b>\\u003ci\\u003e O\'Neil & \\"co\\" \\ud83d\\ude00 Zoë",\n"n":1e2, "other":"<b>", "items":[{"note":"a<b","id":9007199254740991}] }';
  assert.equal(
    await change(html, document),
    '{ "comment" : "&lt;b&gt;&lt;i&gt; O&#x27;Neil &amp; &quot;co&quot; \\ud83d\\ude00 Zoë",\n"n":1e2, "other":"<b>", "items":[{"note":"a&lt;b","id":9007199254740991}] }',
  );
});

test('html: what was encoded stays so, however often it comes through', async () => {
  const once = await change(html, '{"comment":"a & b &amp; c &#60; &nope; &x"}');
  assert.equal(once, '{"comment":"a &amp; b &amp; c &#60; &nope; &amp;x"}');
  assert.equal(await change(html, once), once);
});

test('json: the default for all texts, lossless, but for what must not be altered', async () => {
  const document = {
    a: "<script>alert('x')</script> & \u2028",
    password: '<p&ss>',
    deep: [{ Signature: '<', b: '&' }],
  };
  const changed = await change({ body: [{ fields: 'all' }] }, JSON.stringify(document));
  assert.equal(
    changed,
    '{"a":"\\u003cscript\\u003ealert(\\u0027x\\u0027)\\u003c/script\\u003e \\u0026 \\u2028","password":"<p&ss>","deep":[{"Signature":"<","b":"\\u0026"}]}',
  );
  assert.deepEqual(JSON.parse(changed), document);
});

test('remove: a text of more tags than anybody writes is no rich text, and costs no more than its length', async () => {
  const remove: SanitizeOptions = { body: [{ fields: ['/bio'], remove: {} }], max_bytes: '4MiB' };
  const bio = async (text: string): Promise<string> =>
    JSON.parse(await change(remove, JSON.stringify({ bio: text }))).bio;
  assert.equal(await bio('<b>'.repeat(10_000)), '<b>'.repeat(10_000) + '</b>'.repeat(10_000));
  assert.equal(await bio(`${'<b>'.repeat(200_000)}"&`), `${'&#60;b&#62;'.repeat(200_000)}&#34;&#38;`);
});

test('multipart: no text becomes a delimiter by what goes from it', async () => {
  const headers: Head = { 'content-type': ['multipart/form-data; boundary=xyz'] };
  const part = (text: string): string =>
    `--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\n${text}\r\n--xyz--\r\n`;
  const more = '\r\nContent-Disposition: form-data; name="admin"\r\n\r\n1';
  const all = (what: object): SanitizeOptions => ({ body: [{ fields: 'all', ...what }] });
  assert.equal(
    await change(all({ remove: {} }), part(`x\r\n--x<script></script>yz${more}`), headers),
    'body_malformed',
  );
  assert.equal(await change(all({ normalize: true }), part(`x\r\n--x\u0001yz${more}`), headers), 'body_malformed');
  assert.equal(await change(all({ remove: {} }), part('--x<script></script>y'), headers), part('--xy'));
});

test('html: an entity that is as long as one may be stays, a longer one is none', async () => {
  const [entity, longer] = [`&${'a'.repeat(32)};`, `&${'a'.repeat(33)};`];
  assert.equal(
    await change(html, JSON.stringify({ comment: entity + longer })),
    `{"comment":"${entity}&amp;${longer.slice(1)}"}`,
  );
});

test('what grows beyond the bound of its rule is refused, and what only shrinks to it is not', async () => {
  const bounded: SanitizeOptions = {
    body: [
      { fields: ['/comment'], encode: 'html' },
      { fields: ['/bio'], remove: {} },
    ],
    max_bytes: '66B',
  };
  const quotes = (count: number): string => JSON.stringify({ comment: "'".repeat(count) });
  assert.equal(await change(bounded, quotes(8)), JSON.stringify({ comment: '&#x27;'.repeat(8) }));
  assert.equal(await change(bounded, quotes(9)), 'body_too_large');
  const script = (count: number): string => JSON.stringify({ comment: "'".repeat(count), bio: '<script></script>' });
  assert.equal(await change(bounded, script(7)), JSON.stringify({ comment: '&#x27;'.repeat(7), bio: '' }));
  assert.equal(await change(bounded, script(8)), 'body_too_large');
});

test('remove: what is not allowed goes, with scripts and their content', async () => {
  const remove: SanitizeOptions = { body: [{ fields: ['/bio'], remove: {} }] };
  const bio = '<p onclick=x()>Hi <b>all</b><script>alert(1)</script><a href="javascript:x">y</a><scr<script>ipt></p>';
  const changed = JSON.parse(await change(remove, JSON.stringify({ bio })));
  assert.equal(changed.bio, '<p>Hi <b>all</b><a>y</a>ipt&gt;</p>');
  const strict: SanitizeOptions = { body: [{ fields: ['/bio'], remove: { allow_tags: [] } }] };
  assert.equal(JSON.parse(await change(strict, JSON.stringify({ bio: '<b>x</b> a < b' }))).bio, 'x a &lt; b');
  assert.equal(await change(remove, '{"bio":"no mark-up, \\u00e9"}'), '{"bio":"no mark-up, \\u00e9"}');
});

test('normalize: NFC, and control characters are dropped', async () => {
  const options: SanitizeOptions = { body: [{ fields: 'all', normalize: true }] };
  assert.equal(
    await change(options, '{"a":"Zoe\\u0308\\u0000\\u200b\\n\\u007f","b":"Zo\\u00eb"}'),
    '{"a":"Zoë\u200b\\n","b":"Zo\\u00eb"}',
  );
});

test('forms: values are written anew only where they change', async () => {
  const form: Head = { 'content-type': ['application/x-www-form-urlencoded'] };
  const changed = await change(html, 'comment=%3Cb%3E+a%20%26+b&other=%3Cb%3E&comment&%63omment=%27', form);
  assert.equal(changed, 'comment=%26lt%3Bb%26gt%3B+a%20%26amp%3B+b&other=%3Cb%3E&comment&%63omment=%26%23x27%3B');
});

test('multipart: values, and no files', async () => {
  const multipart: Head = { 'content-type': ['multipart/form-data; boundary=x'] };
  const part = (head: string, body: string): string =>
    `--x\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
  const body = `${part('name="comment"', '<b>')}${part('name="comment"; filename="a.txt"', '<i>')}--x--\r\n`;
  const changed = await change({ body: [{ fields: 'all', encode: 'html' }] }, body, multipart);
  assert.equal(changed, body.replace('<b>', '&lt;b&gt;'));
});

test('NDJSON and plain text', async () => {
  const all: SanitizeOptions = { body: [{ fields: 'all', encode: 'html' }] };
  const lines = '{"a":"<"}\n{"a":[">"]}\n';
  assert.equal(
    await change(all, lines, { 'content-type': ['application/x-ndjson'] }),
    '{"a":"&lt;"}\n{"a":["&gt;"]}\n',
  );
  assert.equal(await change(all, 'a < b', { 'content-type': ['text/plain'] }), 'a &lt; b');
});

test('the query and headers', () => {
  const options: SanitizeOptions = {
    query: [{ names: ['q'], encode: 'html' }],
    headers: [{ names: ['X-Note'], normalize: true, encode: 'html' }],
  };
  const { head } = {
    head: undefined,
    ...step(options, { 'x-note': ['a<\u0001b é'], 'x-other': ['<'] }, '/s?q=%3Ca&r=%3Ca&q=1'),
  };
  assert.deepEqual(head, {
    set: [{ name: 'x-note', value: 'a&lt;b é' }],
    remove: [],
    path: '/s?q=%26lt%3Ba&r=%3Ca&q=1',
  });
  const twice = step(options, { 'x-note': ['<', 'b'] });
  assert.ok(twice.kind === 'skip');
  assert.deepEqual(twice.head, { set: [], remove: ['x-note'] });
});

test('a body in which nothing can be made harmless is refused, unless the rule says otherwise', async () => {
  for (const headers of [
    { 'content-type': ['application/xml'] },
    { 'content-type': ['image/png'] },
    { 'content-type': ['application/json; charset=utf-16'] },
    { 'content-type': ['application/json'], 'content-encoding': ['gzip'] },
    {},
  ]) {
    const refused = step(html, headers);
    assert.ok(refused.kind === 'refuse' && refused.refusal.reason === 'media_type_unsupported');
    assert.equal(step({ ...html, on_unreadable: 'allow' }, headers).kind, 'skip');
  }
  assert.equal(await change(html, '{"comment":"<","comment":"x"}'), 'body_malformed');
  assert.equal(await change({ ...html, max_depth: 1 }, '{"comment":["<"]}'), 'payload_excessive');
});

/** What is done to every text of a value that is not excepted, by an obvious way. */
function expected(value: unknown, apply: (text: string) => string): unknown {
  if (typeof value === 'string') return apply(value);
  if (Array.isArray(value)) return value.map((item) => expected(item, apply));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      usualExceptions.includes(name.toLowerCase()) ? member : expected(member, apply),
    ]),
  );
}

const encodeOnce = (text: string): string =>
  text
    .replace(/&(?!(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#x27;');

/** Some characters of each value as escapes, by chance. */
function escapedSome(document: string, odds: readonly boolean[]): string {
  const written = (character: string, index: number): string =>
    odds[index % odds.length] === true && /^[<>&'\u0080-\ud7ff]$/u.test(character)
      ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
      : character;
  return document.replace(/"(?:[^"\\]|\\.)*"/g, (token, at: number) =>
    document.charAt(at + token.length) === ':' ? token : Array.from(token, written).join(''),
  );
}

test('10,000 random documents: exactly the texts that are named change, and exactly as they should', async () => {
  const piece = fc.oneof(
    fc.constantFrom('<', '>', '&', '"', "'", '&amp;', '&#60;', 'é', '😀', '\u2028', '\\', '/', 'x'),
    fc.string(),
  );
  const text = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
  const name = fc.oneof(fc.constantFrom('password', 'Token', 'a~b', 'c/d', 'e'), fc.string({ maxLength: 4 }));
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.double({ noNaN: true, noDefaultInfinity: true, max: 1e9, min: -1e9 }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(name, tie('any'), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).any;
  const forbidden = /"(?:__proto__|constructor)"/;
  const [asHtml, asJson] = (['html', 'json'] as const).map(
    (encoding) => ({ body: [{ fields: 'all', encode: encoding }] }) as const,
  );
  await fc.assert(
    fc.asyncProperty(value, fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }), async (document, odds) => {
      const compact = JSON.stringify(document);
      fc.pre(!forbidden.test(compact) && compact.isWellFormed() && !/\\u[dD][89a-fA-F]/.test(compact));
      const written = escapedSome(compact, odds);
      const original: unknown = JSON.parse(written);
      const inHtml = await change(asHtml ?? {}, written);
      assert.deepEqual(JSON.parse(inHtml), expected(original, encodeOnce));
      assert.equal(await change(asHtml ?? {}, inHtml), inHtml);
      const inJson = await change(asJson ?? {}, written);
      assert.deepEqual(JSON.parse(inJson), original);
      // Outside of strings every byte is the same.
      const frame = (whole: string): string => whole.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
      assert.equal(frame(inHtml), frame(written));
      assert.equal(frame(inJson), frame(written));
    }),
    { numRuns: 10_000 },
  );
});
