import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalizePath, refuseQuery } from './path.ts';

const reasonOf = (raw: string): string => {
  const normal = normalizePath(raw);
  return 'kind' in normal ? normal.reason : 'passed';
};

const refuses = (reason: string, paths: readonly string[]): void => {
  for (const path of paths) assert.equal(reasonOf(path), reason, JSON.stringify(path));
};

test('ordinary paths keep their form', () => {
  for (const path of [
    '/',
    '/orders',
    '/orders/',
    '/a/b.css',
    '/~bob/x_y-z',
    "/a!$&'()*+,=:@",
    '/.well-known/x',
    '/a/...',
  ]) {
    assert.deepEqual(normalizePath(path), { path, segments: path.slice(1).split('/') });
  }
  assert.deepEqual(normalizePath('/a|b/[c]'), { path: '/a|b/[c]', segments: ['a|b', '[c]'] });
});

test('unreserved characters are decoded, other encodings get upper case', () => {
  assert.deepEqual(normalizePath('/%6frders/%7euser/a%2db'), {
    path: '/orders/~user/a-b',
    segments: ['orders', '~user', 'a-b'],
  });
  assert.deepEqual(normalizePath('/caf%c3%a9'), { path: '/caf%C3%A9', segments: ['café'] });
  assert.deepEqual(normalizePath('/a%20b%2cc'), { path: '/a%20b%2Cc', segments: ['a b,c'] });
  assert.deepEqual(normalizePath('/100%25'), { path: '/100%25', segments: ['100%'] });
  assert.deepEqual(normalizePath('/%2ewell-known'), { path: '/.well-known', segments: ['.well-known'] });
});

test('an empty segment is refused, and never read as an authority', () => {
  refuses('path_ambiguous', ['//admin/people', '//x/people', '//', '/a//b', '/a//', '///', '//user@host/x']);
});

test('dot segments are refused, plain and encoded', () => {
  refuses('path_ambiguous', [
    '/public/../admin/secrets',
    '/user/%2e%2e/admin',
    '/./admin',
    '/..',
    '/.',
    '/a/.',
    '/a/..',
    '/../',
  ]);
  refuses('path_ambiguous', ['/a/.%2e/b', '/a/%2E./b', '/a/%2e/b', '/%2E%2E']);
});

test('encoded slashes and backslashes are refused in either case', () => {
  refuses('path_ambiguous', [
    '/api%2Fv1',
    '/api%2fv1',
    '/api%5cv1',
    '/api%5Cv1',
    '/api\\v1',
    '/user/%2e%2e%2fadmin',
    '/a/%2e%2e%5cadmin',
  ]);
});

test('double encodings are refused, also where one is hidden in another', () => {
  refuses('path_ambiguous', ['/api%252fv1', '/api%255cv1', '/a%252e%252e/b', '/%2541', '/a%25%32%66b', '/a%2525%32f']);
});

test('fragments and encoded delimiters are refused', () => {
  refuses('path_malformed', ['/public/secret#/endpoint', '/#', '/a#b']);
  refuses('path_ambiguous', ['/foo/secret%23/bar', '/a%3fb', '/a%3Fb', '/a%3bb']);
});

test('path parameters are refused', () => {
  refuses('path_ambiguous', ['/admin;x=y/action;foo=bar', '/..;/admin', '/.;/admin', '/;', '/a;']);
});

test('what is no absolute path is refused', () => {
  refuses('path_malformed', ['', '*', 'admin.Svc/Del', 'http://example.com/a', '?', ' /a', 'a']);
});

test('bytes that no path may hold are refused, plain and encoded', () => {
  refuses('path_malformed', ['/a b', '/a\tb', '/a\0b', '/a\r\nb', '/caf\u00e9', '/a\ufffd', '/\u007f', '/a\n']);
  refuses('path_malformed', ['/a%00b', '/%00', '/a%0d%0ab', '/a%7f', '/%1b', '/a%c2%85']);
});

test('broken encodings are refused', () => {
  refuses('path_malformed', ['/%', '/a%2', '/a%zz', '/%u0041', '/a%2%66', '/a%%41']);
  refuses('path_malformed', ['/%ff', '/%c0%af', '/%c0%ae', '/%e0%80%af', '/%ed%a0%80', '/%c3', '/%f5%80%80%80']);
});

test('a path has at most 8 KiB', () => {
  assert.equal(reasonOf(`/${'a'.repeat(8191)}`), 'passed');
  refuses('path_malformed', [`/${'a'.repeat(8192)}`, `/${'%41'.repeat(4000)}`]);
});

const pathPiece = fc.constantFrom(
  ...['/', '//', '.', '..', '%2e', '%2E', '%2f', '%5C', '\\', '%25', '25', '2f', '%', '%00', ';', '%3b', '#', '%23'],
  ...['%3f', 'a', 'B', '~', '%7e', '%41', '%c3%a9', '%ff', ' ', 'é', '+', '%20', '%66'],
);
const anyPath = fc.array(pathPiece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`);

test('the normal form is a fixed point, and has no second reading', () => {
  fc.assert(
    fc.property(anyPath, (raw) => {
      const normal = normalizePath(raw);
      if ('kind' in normal) return;
      assert.deepEqual(normalizePath(normal.path), normal);
      assert.equal(new URL(normal.path, 'http://host').pathname.split('/').length, normal.segments.length + 1);
      assert.equal(new URL(normal.path, 'http://host').host, 'host');
      assert.deepEqual(normal.path.slice(1).split('/').map(decodeURIComponent), normal.segments);
      for (const segment of normal.segments) assert.doesNotMatch(segment, /[/\\?#;\0]|^\.\.?$|%[0-9a-f]{2}/i);
    }),
    { numRuns: 2000 },
  );
});

test('equal paths in other spellings have one normal form', () => {
  const spell = (text: string, odd: readonly boolean[]): string =>
    [...text].map((char, at) => (odd[at] ? `%${char.charCodeAt(0).toString(16)}` : char)).join('');
  const word = fc.stringMatching(/^[A-Za-z0-9_~-]{1,8}$/);
  fc.assert(
    fc.property(word, fc.array(fc.boolean(), { maxLength: 8 }), (text, odd) => {
      assert.deepEqual(normalizePath(`/${spell(text, odd)}`), { path: `/${text}`, segments: [text] });
    }),
  );
});

test('a query keeps its content', () => {
  for (const query of ['', 'a=1', 'x=/bar', '.css', 'a=%2f..%2f&b=%00', 'a=//b;c=\\d?e', 'a=%zz'.slice(0, 2)]) {
    assert.equal(refuseQuery(query), undefined, query);
  }
});

test('a query with forbidden characters or broken encodings is refused', () => {
  for (const query of ['a=\0', 'a\r\nb', 'a b', 'a=é', 'a=\ufffd', 'a#b', '%', 'a=%2', 'a=%zz', 'a\n']) {
    assert.equal(refuseQuery(query)?.reason, 'query_malformed', JSON.stringify(query));
  }
});
