import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildHere } from '../../test/support/inspection.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aSubject } from '../../test/support/requests.ts';
import type { NormalRequest } from '../core/attributes.ts';
import type { GraphqlOptions } from './contract/graphql-options.ts';

function outcome(
  graphql: GraphqlOptions,
  request: Partial<Omit<NormalRequest, 'headers'>>,
  body?: string,
  type = 'application/json',
): string {
  const { context, issues } = recordIssues();
  const inspect = buildHere({ payload: { graphql }, pathParameters: [] }, context);
  assert.deepEqual(issues, []);
  const headers = body === undefined ? {} : { 'content-type': type };
  const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
  const verdict = inspect(aSubject({ request: { ...request, headers, body: bytes } }));
  if (verdict.kind !== 'reject') return verdict.kind;
  return [verdict.reason, ...Object.values(verdict.expose)].join(' ');
}

const post = (graphql: GraphqlOptions, body: unknown, query = ''): string =>
  outcome(graphql, { method: 'POST', query }, JSON.stringify(body));
const asks = (query: string, graphql: GraphqlOptions = {}): string => post(graphql, { query });
const get = (query: string, graphql: GraphqlOptions = {}): string => outcome(graphql, { method: 'GET', query });

test('requests as JSON, as a document, in a batch and in the URL', () => {
  assert.equal(
    post({}, { query: 'query q($id: ID) { a(id: $id) }', variables: { id: '1' }, operationName: 'q', extensions: {} }),
    'pass',
  );
  assert.equal(outcome({}, { method: 'POST' }, '{ a }', 'application/graphql'), 'pass');
  assert.equal(post({ max_batch: 2 }, [{ query: '{a}' }, { query: '{b}' }]), 'pass');
  assert.equal(get('query=%7Ba%7D&variables=%7B%22id%22:1%7D'), 'pass');
});

test('what is no request of GraphQL over HTTP is refused', () => {
  const cases = [
    [{ query: '{ a' }, 'body_malformed /query syntax'],
    [{ query: 7 }, 'body_malformed /query graphql_request'],
    [{}, 'body_malformed /query graphql_request'],
    [[], 'body_malformed  graphql_request'],
    [['{a}'], 'body_malformed /0 graphql_request'],
    [{ query: '{a}', variables: [] }, 'body_malformed /variables graphql_request'],
    [{ query: '{a}', operationName: 1 }, 'body_malformed /operationName graphql_request'],
    [{ query: '{a}', doc_id: '1' }, 'body_malformed /doc_id graphql_request'],
    [{ query: '{a}', operationName: 'b' }, 'body_malformed /query operation_name'],
    [{ query: 'query a {a} query b {b}' }, 'body_malformed /query operation_name'],
    [{ query: 'query a {a} query a {b}', operationName: 'a' }, 'body_malformed /query operation_duplicate'],
    [{ query: 'fragment f on T {a}' }, 'body_malformed /query operation_name'],
    [{ query: 'type T {a: Int}' }, 'body_malformed /query graphql_definition'],
    [{ extensions: { persistedQuery: { sha256Hash: 'x' } } }, 'body_malformed /query persisted_query'],
  ] as const;
  for (const [body, expected] of cases) assert.equal(post({}, body), expected, JSON.stringify(body));
  assert.equal(post({ persisted: 'allow' }, { extensions: { persistedQuery: { sha256Hash: 'x' } } }), 'pass');
});

test('depth, aliases, fields, directives, tokens and batches have bounds', () => {
  const nested = (depth: number): string => `${'{a'.repeat(depth)}${'}'.repeat(depth)}`;
  assert.equal(asks(nested(10)), 'pass');
  assert.equal(asks(nested(11)), 'payload_excessive /query depth');
  assert.equal(asks(nested(20_000), { max_tokens: 100_000 }), 'payload_excessive /query depth');
  assert.equal(asks('{ a { ...f } } fragment f on T { b { c } }', { max_depth: 2 }), 'payload_excessive /query depth');
  assert.equal(asks('{ a { ... on T { b } } }', { max_depth: 2 }), 'pass');
  const aliases = (count: number): string =>
    `{ ${Array.from({ length: count }, (_, index) => `a${index}: b`).join(' ')} }`;
  assert.equal(asks(aliases(30)), 'pass');
  assert.equal(asks(aliases(31)), 'payload_excessive /query too_many_aliases');
  assert.equal(asks(aliases(1000)), 'payload_excessive /query too_many_tokens');
  const doubling = Array.from(
    { length: 40 },
    (_, index) => `fragment f${index} on T { a ...f${index + 1} ...f${index + 1} }`,
  );
  assert.equal(
    asks(`{ ...f0 } ${doubling.join(' ')} fragment f40 on T { a }`, { max_depth: 100 }),
    'payload_excessive /query too_many_fields',
  );
  assert.equal(asks('{ a @x @x b @x }', { max_directives: 2 }), 'payload_excessive /query too_many_directives');
  assert.equal(post({}, [{ query: '{a}' }, { query: '{b}' }]), 'payload_excessive  too_many_requests');
  assert.equal(post({}, [{ query: '{a}' }]), 'pass');
});

test('fragments must lead somewhere, and not back to themselves', () => {
  assert.equal(asks('{ ...f } fragment f on T { a { ...f } }'), 'body_malformed /query fragment_cycle');
  assert.equal(asks('{ a } fragment f on T { ...g } fragment g on T { ...f }'), 'body_malformed /query fragment_cycle');
  assert.equal(asks('{ ...f }'), 'body_malformed /query fragment_unknown');
  assert.equal(
    asks('{ ...f } fragment f on T { a } fragment f on T { b }'),
    'body_malformed /query fragment_duplicate',
  );
});

test('introspection is asked for or not', () => {
  assert.equal(asks('{ __typename a }'), 'pass');
  for (const query of [
    '{ __schema { types { name } } }',
    '{ x: __type(name: "T") { name } }',
    '{ ...f } fragment f on Query { __schema { types { name } } }',
  ]) {
    assert.equal(asks(query), 'body_malformed /query introspection', query);
    assert.equal(asks(query, { introspection: 'allow' }), 'pass', query);
  }
});

test('the URL carries a request of its own, or none beside a body', () => {
  const cases = [
    ['', 'parameter_mismatch query query graphql_request'],
    ['query=%7B', 'parameter_mismatch query query syntax'],
    ['query=%7Ba%7D&query=%7Bb%7D', 'parameter_mismatch query query repeated'],
    ['query=%7Ba%7D&variables=%7B%22a%22:1,%22a%22:2%7D', 'parameter_mismatch query variables duplicate_member'],
    ['query=mutation%7Ba%7D', 'parameter_mismatch query query method'],
    ['query=%7B__schema%7Ba%7D%7D', 'parameter_mismatch query query introspection'],
    ['query=%7Ba%7D;x', 'parameter_mismatch query query ambiguous'],
    [`query=${encodeURIComponent('{a'.repeat(11) + '}'.repeat(11))}`, 'payload_excessive /query depth'],
  ] as const;
  for (const [query, expected] of cases) assert.equal(get(query), expected, query);
  assert.equal(post({}, { query: '{a}' }, 'query=%7Bb%7D'), 'parameter_mismatch query query ambiguous');
  assert.equal(post({}, { query: '{a}' }, 'other=1'), 'pass');
  assert.equal(outcome({}, { method: 'POST' }), 'body_missing');
});
