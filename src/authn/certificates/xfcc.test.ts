import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holdsNames, parseXfcc } from './xfcc.ts';

const parse = (text: string) => parseXfcc(text)?.map((element) => Object.fromEntries(element));

test('an element as Envoy writes it', () => {
  const text = 'By=spiffe://a/gw;Hash=0a1B;CERT="%2D%0A";Chain="%2D";Subject="CN=a,O=\\"x\\;y\\""';
  assert.deepEqual(parse(text), [
    { by: 'spiffe://a/gw', hash: '0a1B', cert: '%2D%0A', chain: '%2D', subject: 'CN=a,O=\\"x\\;y\\"' },
  ]);
  assert.deepEqual(parse('By=spiffe://a/gw;By=urn:gw;Hash=00'), [{ by: 'urn:gw', hash: '00' }]);
});

test('keys are known in any case, and empty values are values', () => {
  assert.deepEqual(parse('hASH=;SUBJECT="";Cert=""'), [{ hash: '', subject: '', cert: '' }]);
});

test('several elements stand apart by commas, and quotes hide commas', () => {
  assert.deepEqual(parse('Subject="CN=a,By=x;\\\\";Hash=a,Hash=b ,\tCert="c"'), [
    { subject: 'CN=a,By=x;\\\\', hash: 'a' },
    { hash: 'b' },
    { cert: 'c' },
  ]);
});

test('whatever Envoy would not write is refused as a whole', () => {
  for (const text of [
    '',
    ' ',
    ';',
    ',',
    'Hash',
    'Hash;',
    'Hash=a;',
    'Hash=a,',
    ',Hash=a',
    'Hash=a;;By=b',
    'Hash=a,,Hash=b',
    'Hash =a',
    'Hash=a b',
    'Hash="a"',
    'By="a"',
    'Hash=a"b"',
    'Hash=a\\',
    'Cert=a',
    'Chain=a',
    'Subject=CN',
    'Cert="a',
    'Cert="a\\"',
    'Cert="a"b',
    'Subject=""CN=a"',
    'Subject="a";Subject="b"',
    'Hash=00;hash=00',
    'Cert="";CERT=""',
    'Name=a',
    '__proto__=a',
    'Hash=a;toString=b',
    'URI=a',
    'DNS="a"',
    'By=ü',
    'By=a\0b',
    'Subject="a\r\nb"',
  ]) {
    assert.equal(parse(text), undefined, JSON.stringify(text));
  }
});

test('a header is no longer, and has no more elements and pairs, than proxies write', () => {
  const elements = (count: number): string => Array.from({ length: count }, () => 'Hash=a').join(',');
  const pairs = (count: number): string => `${'By=a;'.repeat(count - 1)}Hash=a`;
  assert.equal(parse(elements(32))?.length, 32);
  assert.equal(parse([pairs(32), pairs(32)].join(','))?.length, 2);
  for (const text of [elements(33), pairs(33), pairs(12_000), `Cert="${'a'.repeat(65_536)}"`]) {
    assert.equal(parse(text), undefined);
  }
});

test('a quote that a client leaves open swallows no later element', () => {
  for (const ours of ['By=spiffe://td/gw;Hash=00;Cert="-"', 'Hash=00;Subject="CN=a"', 'Hash=00;Subject=""']) {
    for (const theirs of ['Cert="', 'Subject="a\\', 'Subject="a;', 'Hash=11;Cert="']) {
      assert.equal(parse(`${theirs},${ours}`), undefined, theirs);
    }
    assert.deepEqual(parse(`Subject="x",${ours}`)?.at(-1), parse(ours)?.[0]);
  }
});

test('names are seen wherever an element or a quote may begin', () => {
  for (const text of ['URI=a', 'dns=', ' URI=a', 'Hash=a;URI=b', 'Hash=a, Dns=b,Hash=c', 'Cert="a;URI=b', '\turi=']) {
    assert.equal(holdsNames(text), true, text);
  }
  for (const text of ['', 'By=spiffe://a?URI=b', 'Subject="CN=URI=a"', 'Subject="URI=a"', 'Hash=a;MyURI=b']) {
    assert.equal(holdsNames(text), false, text);
  }
});

const printable = fc.stringMatching(/^[\x20-\x7e]*$/);
// As RFC 4514 section 2.4 escapes what stands in a distinguished name.
const subject = printable.map((text) => `CN=${text.replace(/[",;\\+<>]/g, '\\$&')}`);
const hash = fc.stringMatching(/^[0-9a-f]{8}$/);
const element = fc
  .record({ hash, cert: printable.map(encodeURIComponent), subject })
  .map(({ hash, cert, subject }) => `Hash=${hash};Cert="${cert}";Subject="${subject}"`);

test('no certificate and no client adds an element behind the one that Envoy writes', () => {
  const names = fc.array(fc.tuple(fc.constantFrom('URI', 'DNS'), printable), { maxLength: 2 });
  fc.assert(
    fc.property(fc.option(printable, { nil: undefined }), element, names, (theirs, ours, names) => {
      const written = [ours, ...names.map(([key, value]) => `${key}=${value}`)].join(';');
      const text = theirs === undefined ? written : `${theirs},${written}`;
      if (names.length > 0) assert.equal(holdsNames(text), true);
      else assert.ok([undefined, ours.slice(5, 13)].includes(parseXfcc(text)?.at(-1)?.get('hash')));
    }),
    { numRuns: 2000 },
  );
});

test('any text is elements or nothing', () => {
  const soup = fc.array(fc.constantFrom('By', 'Hash', '=', ';', ',', '"', '\\', ' ', 'a', '\t', 'Subject="'));
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
  for (const text of [' '.repeat(60_000), `Cert="${'\\"'.repeat(30_000)}`, '"'.repeat(60_000)]) {
    assert.equal(parseXfcc(text), undefined);
  }
});
