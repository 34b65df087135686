import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseXfcc } from './xfcc.ts';

const parse = (text: string) => parseXfcc(text)?.map((element) => Object.fromEntries(element));

test('an element as Envoy writes it', () => {
  const text = 'By=spiffe://a/gw;Hash=0a1B;Subject="CN=a,O=\\"x;y\\"";URI=spiffe://a/b;URI=urn:c;DNS=a.b;CERT="%2D%0A"';
  assert.deepEqual(parse(text), [
    {
      by: ['spiffe://a/gw'],
      hash: ['0a1B'],
      subject: ['CN=a,O="x;y"'],
      uri: ['spiffe://a/b', 'urn:c'],
      dns: ['a.b'],
      cert: ['%2D%0A'],
    },
  ]);
});

test('keys are known in any case, and empty values are values', () => {
  assert.deepEqual(parse('hASH=00;uRi=;SUBJECT="";Dns=""'), [{ hash: ['00'], uri: [''], subject: [''], dns: [''] }]);
});

test('several elements stand apart by commas, and quotes hide commas', () => {
  assert.deepEqual(parse('Subject="CN=a,By=x";URI=a,Hash=b , URI=c'), [
    { subject: ['CN=a,By=x'], uri: ['a'] },
    { hash: ['b'] },
    { uri: ['c'] },
  ]);
});

test('escapes of the distinguished name stay, escaped quotes are quotes', () => {
  assert.deepEqual(parse(String.raw`Subject="CN=a\,b\\,O=\"q\""`), [{ subject: [String.raw`CN=a\,b\\,O="q"`] }]);
  assert.deepEqual(parse(String.raw`Subject="O=x\\";URI=a`), [{ subject: [String.raw`O=x\\`], uri: ['a'] }]);
});

test('whatever Envoy would not write is refused as a whole', () => {
  for (const text of [
    '',
    ' ',
    ';',
    ',',
    'URI',
    'URI;',
    'URI=a;',
    'URI=a,',
    ',URI=a',
    'URI=a;;DNS=b',
    'URI=a,,URI=b',
    'URI =a',
    'URI=a b',
    'URI="a',
    'URI="a\\"',
    'URI="a"b',
    'URI=a"b"',
    'URI=a\\',
    'Subject=""CN=a"',
    'Subject="a";Subject="b"',
    'Hash=00;hash=00',
    'Cert="";CERT=""',
    'Name=a',
    '__proto__=a',
    'URI=a;toString=b',
    'URI=ü',
    'URI=a\0b',
    'URI="a\r\nb"',
  ]) {
    assert.equal(parse(text), undefined, JSON.stringify(text));
  }
});

test('a quote that a client leaves open swallows no later element', () => {
  const ours = 'By=spiffe://td/gw;Hash=00;Subject="CN=a";URI=spiffe://td/a';
  for (const theirs of ['URI="', 'Subject="a\\', 'Subject="a;', 'DNS=a;Cert="']) {
    const elements = parse(`${theirs},${ours}`);
    assert.equal(elements, undefined, theirs);
  }
  assert.deepEqual(parse(`URI="x",${ours}`)?.at(-1), parse(ours)?.[0]);
});

const key = fc.constantFrom('by', 'uri', 'dns', 'hash', 'subject');
const value = fc.stringMatching(/^[\x20-\x5b\x5d-\x7e]*$/);
const quoted = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;

test('what is written in quotes is read again', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uniqueArray(fc.tuple(key, value), { minLength: 1, selector: ([name]) => name }), { minLength: 1 }),
      (elements) => {
        const text = elements
          .map((pairs) => pairs.map(([name, held]) => `${name}=${quoted(held)}`).join(';'))
          .join(',');
        const read = elements.map((pairs) => Object.fromEntries(pairs.map(([name, held]) => [name, [held]])));
        assert.deepEqual(parse(text), read);
      },
    ),
  );
});

test('any text is elements or nothing, in linear time', () => {
  const soup = fc.array(fc.constantFrom('URI', 'Hash', '=', ';', ',', '"', '\\', ' ', 'a', '\t', 'Subject="'));
  fc.assert(
    fc.property(
      fc.oneof(
        soup.map((parts) => parts.join('')),
        fc.string({ unit: 'binary' }),
      ),
      (text) => {
        const elements = parseXfcc(text);
        assert.ok(elements === undefined || elements.every((element) => element.size > 0));
      },
    ),
    { numRuns: 2000 },
  );
  for (const text of [
    ' '.repeat(60_000),
    `URI="${'\\"'.repeat(30_000)}`,
    'URI=a,'.repeat(10_000),
    '"'.repeat(60_000),
  ]) {
    assert.equal(parseXfcc(text), undefined);
  }
});
