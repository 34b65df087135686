import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calls, ok, openapi } from '../../test/support/contracts.ts';

const query = (name: string, schema: object, more: object = {}): object => ({ name, in: 'query', schema, ...more });

test('operations are found by method and path, the concrete before the templated', () => {
  const id = (schema: object): object => ({ name: 'id', in: 'path', required: true, schema });
  const document = openapi({
    '/orders/{id}': {
      get: { ...ok, parameters: [id({ type: 'integer' })] },
      delete: { ...ok, parameters: [id({ type: 'string' })] },
    },
    '/orders/latest': { get: ok },
    '/files/{id}.json': { get: { ...ok, parameters: [id({ type: 'string', pattern: '^[a-z]+$' })] } },
    '/': { get: ok },
  });
  const call = calls(document, { strict: true });
  assert.equal(call('/orders/7'), 'pass');
  assert.equal(call('/orders/latest'), 'pass');
  assert.equal(call('/orders/x'), 'parameter_mismatch path id schema type ');
  assert.equal(call('/orders/7.0'), 'pass');
  assert.equal(call('/orders/07'), 'parameter_mismatch path id schema type ');
  assert.equal(call('/orders/1e400'), 'parameter_mismatch path id schema type ');
  assert.equal(call({ method: 'DELETE', path: '/orders/latest' }), 'pass');
  assert.equal(call('/files/abc.json'), 'pass');
  assert.equal(call('/files/ABC.json'), 'parameter_mismatch path id schema pattern ');
  assert.equal(call('/'), 'pass');
  for (const path of ['/orders', '/orders/', '/orders/7/', '/files/.json', '/files/a.xml', '/ORDERS/7']) {
    assert.equal(call(path), 'operation_unknown', path);
  }
  assert.equal(call({ method: 'POST', path: '/orders/7' }), 'operation_unknown');
  assert.equal(calls(document)('/none'), 'pass unchecked operation');
});

test('the servers, or base_path, say what stands before the paths', () => {
  const servers = [
    { url: 'https://api.example.com/v1/' },
    { url: '/{stage}/api', variables: { stage: { default: 'live', enum: ['live', 'test'] } } },
  ];
  const document = openapi({ '/a': { get: ok }, '/b': { servers: [{ url: '/other' }], get: ok } }, { servers });
  const call = calls(document, { strict: true });
  for (const path of ['/v1/a', '/live/api/a', '/test/api/a', '/other/b']) assert.equal(call(path), 'pass', path);
  for (const path of ['/a', '/v1/b', '/none/api/a']) assert.equal(call(path), 'operation_unknown', path);
  const based = calls(document, { strict: true, base_path: '/mine' });
  assert.equal(based('/mine/a'), 'pass');
  assert.equal(based('/mine/b'), 'pass');
  assert.equal(based('/v1/a'), 'operation_unknown');
  assert.equal(calls(document, { strict: true, base_path: '/' })('/a'), 'pass');
});

test('query parameters: types are read strictly from text', () => {
  const call = calls(
    openapi({
      '/a': {
        get: {
          ...ok,
          parameters: [
            query('n', { type: 'integer', minimum: 1 }, { required: true }),
            query('b', { type: 'boolean' }),
            query('s', { type: 'string', maxLength: 3 }),
            query('e', { enum: ['x', 'y'] }),
            query('u', { type: ['integer', 'string'], enum: ['7', 8] }),
            query('empty', { type: 'integer' }, { allowEmptyValue: true }),
            query(
              'j',
              {},
              { schema: undefined, content: { 'application/json': { schema: { type: 'object', required: ['k'] } } } },
            ),
          ],
        },
      },
    }),
  );
  const passes = [
    'n=1',
    'n=1&b=true',
    'n=1&s=abc',
    'n=1&e=x',
    'n=1&u=7',
    'n=1&u=8',
    'n=1&empty=',
    'n=1&j=%7B%22k%22:1%7D',
    'n=1&z=1',
  ];
  for (const search of passes) assert.equal(call(`/a?${search}`), 'pass', search);
  const refused = [
    ['', 'query n missing'],
    ['n=0', 'query n schema minimum '],
    ['n=+1', 'query n schema type '],
    ['n=1.5', 'query n schema type '],
    ['n=0x1', 'query n schema type '],
    ['n=', 'query n schema type '],
    ['n=1&n=2', 'query n repeated'],
    ['n=1&b=TRUE', 'query b schema type '],
    ['n=1&b=1', 'query b schema type '],
    ['n=1&s=abcd', 'query s schema maxLength '],
    ['n=1&e=z', 'query e schema enum '],
    ['n=1&u=9', 'query u schema enum '],
    ['n=1&empty=x', 'query empty schema type '],
    ['n=1&j=%7B%22k%22:1,%22k%22:2%7D', 'query j style'],
    ['n=1&j=%7B%7D', 'query j schema required '],
    ['n=1;b=true', 'query ambiguous'],
    ['n=1&s=%c0%af', 'query encoding'],
    ['n=1&N=2', 'query ambiguous'],
    ['n=1&n[]=2', 'query ambiguous'],
    ['n=1&%6e=2', 'query n repeated'],
  ] as const;
  for (const [search, expected] of refused)
    assert.equal(call(`/a?${search}`), `parameter_mismatch ${expected}`, search);
});

test('styles of lists and objects', () => {
  const list = { type: 'array', items: { type: 'integer' }, maxItems: 3 };
  const point = {
    type: 'object',
    properties: { x: { type: 'integer' }, y: { type: 'integer' } },
    required: ['x'],
    additionalProperties: false,
  };
  const call = calls(
    openapi({
      '/a/{p}': {
        get: {
          ...ok,
          parameters: [
            { name: 'p', in: 'path', required: true, schema: list },
            query('form', list),
            query('comma', list, { explode: false }),
            query('space', list, { style: 'spaceDelimited', explode: false }),
            query('pipe', list, { style: 'pipeDelimited', explode: false }),
            query('deep', point, { style: 'deepObject' }),
            query('flat', point, { explode: false }),
            query('spread', { type: 'object', properties: { sx: { type: 'integer' } } }),
            { name: 'X-List', in: 'header', schema: list },
            { name: 'X-Point', in: 'header', explode: true, schema: point },
            { name: 'c', in: 'cookie', schema: { type: 'integer' } },
          ],
        },
      },
      '/label/{p}': {
        get: { ...ok, parameters: [{ name: 'p', in: 'path', style: 'label', required: true, schema: list }] },
      },
    }),
    { strict: true },
  );
  const passes = [
    '/a/1,2',
    '/label/.1,2',
    '/a/1?form=1&form=2',
    '/a/1?comma=1,2',
    '/a/1?comma=1%2C2',
    '/a/1?space=1%202',
    '/a/1?space=1+2',
    '/a/1?pipe=1|2',
    '/a/1?deep[x]=1&deep[y]=2',
    '/a/1?flat=x,1,y,2',
    '/a/1?sx=1',
  ];
  for (const path of passes) assert.equal(call(path), 'pass', path);
  const refused = [
    ['/a/1,x', 'path p schema type /1'],
    ['/a/1,2%2C3', 'path p ambiguous'],
    ['/label/1', 'path p style'],
    ['/a/1?form=1,2', 'query form schema type /0'],
    ['/a/1?form=1&form=2&form=3&form=4', 'query form schema maxItems '],
    ['/a/1?comma=1&comma=2', 'query comma repeated'],
    ['/a/1?comma=1,2%2c3', 'query comma ambiguous'],
    ['/a/1?deep[y]=2', 'query deep schema required '],
    ['/a/1?deep[x]=1&deep[x]=2', 'query deep style'],
    ['/a/1?deep[z]=1&deep[x]=1', 'query deep schema additionalProperties '],
    ['/a/1?flat=x', 'query flat style'],
    ['/a/1?sx=a', 'query spread schema type /sx'],
    ['/a/1?other=1', 'query unknown'],
  ] as const;
  for (const [path, expected] of refused) assert.equal(call(path), `parameter_mismatch ${expected}`, path);
  const headers = [
    [{ 'x-list': '1, 2' }, 'pass'],
    [{ 'x-list': ['1', '2'] }, 'pass'],
    [{ 'x-list': '1;2' }, 'parameter_mismatch header x-list schema type /0'],
    [{ 'x-point': 'x=1,y=2' }, 'pass'],
    [{ 'x-point': 'x=1,x=2' }, 'parameter_mismatch header x-point style'],
    [{ cookie: 'c=1; d=x' }, 'pass'],
    [{ cookie: 'c=x' }, 'parameter_mismatch cookie c schema type '],
    [{ cookie: 'c=1; c=2' }, 'parameter_mismatch cookie c repeated'],
  ] as const;
  for (const [sent, expected] of headers)
    assert.equal(call({ path: '/a/1', headers: sent }), expected, JSON.stringify(sent));
});
