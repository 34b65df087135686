import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileHostPattern, compilePathPattern } from './path-pattern.ts';

function match(pattern: string, path: string): Record<string, string> | undefined {
  const compiled = compilePathPattern(pattern);
  assert.ok(compiled.ok, pattern);
  const parameters = compiled.pattern.match(path.slice(1).split('/'));
  return parameters === undefined ? undefined : Object.fromEntries(parameters);
}

function problem(pattern: string): string {
  const compiled = compilePathPattern(pattern);
  assert.ok(!compiled.ok, pattern);
  return compiled.problem;
}

test('an exact path is itself and nothing else', () => {
  assert.deepEqual(match('/orders', '/orders'), {});
  assert.deepEqual(match('/', '/'), {});
  assert.deepEqual(match('/orders/', '/orders/'), {});
  for (const path of ['/orders/', '/Orders', '/orders/1', '/order', '/'])
    assert.equal(match('/orders', path), undefined);
  assert.equal(match('/orders/', '/orders'), undefined);
});

test('a name is one segment that is not empty', () => {
  assert.deepEqual(match('/orders/{id}', '/orders/17'), { id: '17' });
  assert.deepEqual(match('/{a}/x/{b}', '/1/x/2'), { a: '1', b: '2' });
  for (const path of ['/orders', '/orders/', '/orders/1/', '/orders/1/2']) {
    assert.equal(match('/orders/{id}', path), undefined, path);
  }
});

test('a name may be one that objects inherit', () => {
  const compiled = compilePathPattern('/{__proto__}/{toString}');
  assert.ok(compiled.ok);
  assert.deepEqual(compiled.pattern.names, ['__proto__', 'toString']);
  assert.equal(compiled.pattern.match(['a', 'b'])?.get('__proto__'), 'a');
});

test('a closing /** takes the rest, also none', () => {
  for (const path of ['/files', '/files/', '/files/a', '/files/a/b/'])
    assert.deepEqual(match('/files/**', path), {}, path);
  for (const path of ['/', '/file', '/filesystem', '/x/files']) assert.equal(match('/files/**', path), undefined, path);
  for (const path of ['/', '/a', '/a/b']) assert.deepEqual(match('/**', path), {}, path);
  assert.deepEqual(match('/{tenant}/**', '/acme/x'), { tenant: 'acme' });
  assert.equal(match('/{tenant}/**', '/'), undefined);
});

test('literals are decoded text', () => {
  assert.deepEqual(match('/caf\u00e9/a+b', '/caf\u00e9/a+b'), {});
});

test('a bad pattern says why', () => {
  assert.match(problem('orders'), /slash/);
  assert.match(problem(''), /slash/);
  assert.match(problem('//orders'), /empty segment/);
  assert.match(problem('/a//b'), /empty segment/);
  assert.match(problem('/a//**'), /empty segment/);
  assert.match(problem('//**'), /empty segment/);
  assert.match(problem('/a/../b'), /dot segment/);
  assert.match(problem('/.'), /dot segment/);
  assert.match(problem('/a%2Fb'), /percent/);
  assert.match(problem('/a?b=1'), /which no path can have/);
  assert.match(problem('/a#b'), /which no path can have/);
  assert.match(problem('/a;b'), /which no path can have/);
  assert.match(problem('/a\\b'), /which no path can have/);
  assert.match(problem('/a\nb'), /control character/);
  assert.match(problem('/**/a'), /stands at the end/);
  assert.match(problem('/a*'), /stands at the end/);
  assert.match(problem('/a**'), /stands at the end/);
  assert.match(problem('/*'), /stands at the end/);
  assert.match(problem('/v{n}'), /whole segment/);
  assert.match(problem('/{a}{b}'), /name/);
  assert.match(problem('/{}'), /name/);
  assert.match(problem('/{1a}'), /name/);
  assert.match(problem('/{a b}'), /name/);
  assert.match(problem('/{id}/x/{id}'), /twice/);
});

test('a pattern of plain literals takes its own path', () => {
  const segment = fc.stringMatching(/^[a-z0-9_~+-]{1,8}$/);
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 6 }), (segments) => {
      const path = `/${segments.join('/')}`;
      assert.deepEqual(match(path, path), {});
      assert.equal(match(path, `${path}/`), undefined);
      assert.deepEqual(match(`${path}/**`, path), {});
    }),
  );
});

test('compiling never throws', () => {
  const piece = fc.constantFrom('/', '**', '*', '{', '}', 'a', '{a}', '.', '%', '\0', '\n');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      compilePathPattern(pieces.join(''));
      compileHostPattern(pieces.join(''));
    }),
  );
});

function takes(pattern: string, host: string): boolean {
  const compiled = compileHostPattern(pattern);
  assert.ok(compiled.ok, pattern);
  return compiled.pattern.match(host);
}

test('an exact host is itself; its dots are dots', () => {
  assert.equal(takes('API.foo.com.', 'api.foo.com'), true);
  assert.equal(takes('api.foo.com', 'apixfoo.com'), false);
  assert.equal(takes('api.foo.com', 'x.api.foo.com'), false);
  assert.equal(takes('[2001:DB8::1]', '[2001:db8::1]'), true);
  assert.equal(takes('192.0.2.1', '192.0.2.1'), true);
});

test('a star takes one or more whole labels', () => {
  assert.equal(takes('*.example.com', 'a.example.com'), true);
  assert.equal(takes('*.example.com', 'a.b.example.com'), true);
  assert.equal(takes('*.example.com', 'example.com'), false);
  assert.equal(takes('*.example.com', 'badexample.com'), false);
  assert.equal(takes('*.example.com', 'a.example.com.evil.org'), false);
  assert.equal(takes('*.example.com', 'axexample.com'), false);
});

test('a bad host pattern says why', () => {
  const hosts = ['', '*.', 'a.*.com', 'a*.com', '**.com', 'http://a.com', 'a.com:80', 'a.com/x', 'a..com', '.com'];
  for (const host of hosts) {
    const compiled = compileHostPattern(host);
    assert.ok(!compiled.ok && /is not a host/.test(compiled.problem), host);
  }
  for (const host of ['*.1.2.3.4', '*.[::1]']) {
    const compiled = compileHostPattern(host);
    assert.ok(!compiled.ok && /before an address/.test(compiled.problem), host);
  }
  const any = compileHostPattern('*');
  assert.ok(!any.ok && /leave the hosts away/.test(any.problem));
});
