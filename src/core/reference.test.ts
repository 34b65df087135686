import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { aPrincipal, aSubject } from '../../test/support/requests.ts';
import type { JsonObject } from './json.ts';
import type { Subject } from './plan.ts';
import type { Principal } from './principal.ts';
import { parseReference } from './reference.ts';

const principal = (claims: JsonObject, kind: Principal['kind'] = 'jwt'): Principal =>
  aPrincipal({ claims, kind, credentialId: 'key-1' });

const headers = new Map([
  ['x-plan', ['gold']],
  ['accept', ['a', 'b']],
]);
const subject = (principal: Principal | undefined, clientAddress = '192.0.2.1'): Subject =>
  aSubject({ request: { host: 'api.example', headers, clientAddress }, parameters: { id: '7' }, principal });

const read = (text: string, from: Subject): string | undefined => parseReference(text)?.read(from);

test('reads what a request carries, and needs no principal for it', () => {
  const values = {
    'client.address': '192.0.2.1',
    route: 'orders',
    method: 'GET',
    host: 'api.example',
    'header.x-plan': 'gold',
    'header.X-Plan': 'gold',
    'header.accept': 'a, b',
    'header.none': undefined,
    'path.id': '7',
    'path.other': undefined,
  };
  for (const [text, value] of Object.entries(values)) {
    assert.equal(parseReference(text)?.needsPrincipal, false, text);
    assert.equal(read(text, subject(undefined)), value, text);
  }
  assert.equal(read('client.address', subject(undefined, '')), undefined);
});

test('reads what a principal carries, and needs it', () => {
  const values = { 'principal.key': 'users/alice', 'principal.id': 'alice', 'principal.source': 'users' };
  for (const [text, value] of Object.entries(values)) {
    assert.equal(parseReference(text)?.needsPrincipal, true, text);
    assert.equal(read(text, subject(principal({}))), value, text);
    assert.equal(read(text, subject(undefined)), undefined, text);
  }
});

test('an API key is the id of the key, of principals that came with one', () => {
  assert.equal(parseReference('api_key')?.needsPrincipal, true);
  assert.equal(read('api_key', subject(principal({}, 'api_key'))), 'key-1');
  assert.equal(read('api_key', subject(principal({}, 'jwt'))), undefined);
  assert.equal(read('api_key', subject(undefined)), undefined);
});

test('claims are strings, numbers and booleans, by name or by path', () => {
  const claims: JsonObject = {
    tenant: 't1',
    level: 3,
    staff: false,
    empty: '',
    none: null,
    list: ['a'],
    org: { id: 'o1', unit: { name: 'u1' } },
    'https://example.com/plan': 'gold',
    'org.id': 'the very name wins',
  };
  const expected = {
    'claims.tenant': 't1',
    'claims.level': '3',
    'claims.staff': 'false',
    'claims.empty': '',
    'claims.none': undefined,
    'claims.list': undefined,
    'claims.list.0': undefined,
    'claims.list.length': undefined,
    'claims.org': undefined,
    'claims.org.unit.name': 'u1',
    'claims.org.id': 'the very name wins',
    'claims.org.missing.name': undefined,
    'claims.https://example.com/plan': 'gold',
    'claims.constructor': undefined,
    'claims.__proto__': undefined,
    'claims.tenant.length': undefined,
  };
  for (const [text, value] of Object.entries(expected)) {
    assert.equal(parseReference(text)?.needsPrincipal, true, text);
    assert.equal(read(text, subject(principal(claims))), value, text);
    assert.equal(read(text, subject(undefined)), undefined, text);
  }
});

test('is strict about what is a reference', () => {
  const wrong = [
    '',
    '.',
    'client',
    'client.',
    'client.port',
    'principal',
    'principal.roles',
    'header',
    'header.',
    'claims',
  ];
  const odd = [
    'header.a b',
    'path.',
    'path.a.b',
    'path.1',
    'claims.',
    'claims.a..b',
    'claims..a',
    'claims.a b',
    'Route',
  ];
  const inherited = ['toString', 'constructor', '__proto__', '__proto__.a', 'constructor.name', 'route.x', ' route'];
  for (const text of [...wrong, ...odd, ...inherited]) assert.equal(parseReference(text), undefined, text);
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('', 'claims.', 'header.', 'path.', 'principal.'), (text, prefix) => {
      parseReference(prefix + text)?.read(subject(principal({ a: { b: 1 } })));
    }),
  );
});
