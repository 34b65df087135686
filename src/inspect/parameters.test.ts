import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildHere } from '../../test/support/inspection.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aSubject } from '../../test/support/requests.ts';
import type { Subject } from '../core/plan.ts';
import type { Detail, Verdict } from '../core/verdict.ts';
import type { ParametersOptions } from './inspection.ts';

interface Sketch {
  readonly query?: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
}

const subjectOf = ({ query = '', path: parameters = {}, headers = {} }: Sketch): Subject =>
  aSubject({ request: { query, headers }, parameters });

function build(parameters: ParametersOptions, pathParameters: readonly string[] = ['id']) {
  const { context, issues } = recordIssues();
  return { inspect: buildHere({ parameters, pathParameters }, context), issues };
}

function exposed(parameters: ParametersOptions, sketch: Sketch): Detail | 'pass' {
  const { inspect, issues } = build(parameters);
  assert.deepEqual(issues, []);
  const verdict: Verdict = inspect(subjectOf(sketch));
  if (verdict.kind === 'pass') return 'pass';
  assert.ok(verdict.kind === 'reject' && verdict.reason === 'parameter_mismatch');
  assert.deepEqual(verdict.detail, { inspection: 'parameters', ...verdict.expose });
  return verdict.expose;
}

const day = { from: '[0-9]{4}-[0-9]{2}-[0-9]{2}' };

test('path values match as a whole', () => {
  const options = { path: { id: '[0-9]+' } };
  assert.equal(exposed(options, { path: { id: '12' } }), 'pass');
  for (const id of ['', '12a', '1\n', '1/2', '١']) {
    assert.deepEqual(exposed(options, { path: { id } }), { parameter: 'id', in: 'path', problem: 'pattern' });
  }
  assert.deepEqual(exposed(options, {}), { parameter: 'id', in: 'path', problem: 'missing' });
});

test('query values match decoded, and stand once', () => {
  assert.equal(exposed({ query: day }, { query: '' }), 'pass');
  assert.equal(exposed({ query: day }, { query: 'from=2026-01-31&page=2&page=3' }), 'pass');
  assert.equal(exposed({ query: day }, { query: 'fr%6fm=2026%2d01-31' }), 'pass');
  const pattern = { parameter: 'from', in: 'query', problem: 'pattern' };
  const bad = [
    'from=',
    'from',
    "from=2026-01-31'--",
    'from=2026-01-31%00',
    'from=+2026-01-31',
    'from=%32%30',
    'fr%6Fm=x',
    'page=1&from=x',
  ];
  for (const query of bad) assert.deepEqual(exposed({ query: day }, { query }), pattern, query);
  for (const query of ['from=2026-01-31&from=2026-01-31', 'from=2026-01-31&fr%6fm=x']) {
    assert.deepEqual(exposed({ query: day }, { query }), { parameter: 'from', in: 'query', problem: 'repeated' });
  }
  assert.deepEqual(exposed({ query: day }, { query: 'a=%ff' }), { in: 'query', problem: 'encoding' });
});

test('another spelling of a listed name is no way around its pattern', () => {
  for (const query of [
    'FROM=x',
    'from[]=x',
    'from[0]=x',
    'from%5B%5D=x',
    '+from=x',
    'from%00=x',
    'a=1;from=x',
    'from=2026-01-31;x',
  ]) {
    assert.deepEqual(exposed({ query: day }, { query }), { in: 'query', problem: 'ambiguous' }, query);
  }
  for (const query of ['from[day=x', 'from%5bday=x', 'from.day=x', 'from+day=x']) {
    assert.deepEqual(exposed({ query: { from_day: 'a' } }, { query }), { in: 'query', problem: 'ambiguous' }, query);
  }
  assert.equal(exposed({ query: { from: 'a', From: 'b' } }, { query: 'from=a&From=b' }), 'pass');
  assert.equal(exposed({ headers: { 'x-a': 'a' } }, { query: 'a=1;b' }), 'pass');
});

test('unknown parameters are refused without their name where the rule says so', () => {
  assert.deepEqual(exposed({ query: day, unknown_query: 'deny' }, { query: 'hunter2=1' }), {
    in: 'query',
    problem: 'unknown',
  });
  assert.deepEqual(exposed({ unknown_query: 'deny' }, { query: 'a' }), { in: 'query', problem: 'unknown' });
  assert.equal(exposed({ unknown_query: 'deny' }, {}), 'pass');
  for (const name of ['__proto__', 'constructor', 'toString']) {
    assert.deepEqual(exposed({ query: day, unknown_query: 'deny' }, { query: `${name}=1` }), {
      in: 'query',
      problem: 'unknown',
    });
  }
});

test('required parameters and headers', () => {
  const options = {
    query: day,
    required_query: ['from'],
    headers: { 'X-Tenant': '[a-z]+' },
    required_headers: ['x-tenant'],
  };
  const headers = { 'x-tenant': ['acme'] };
  assert.equal(exposed(options, { query: 'from=2026-01-31', headers }), 'pass');
  assert.deepEqual(exposed(options, { headers }), { parameter: 'from', in: 'query', problem: 'missing' });
  assert.deepEqual(exposed(options, { query: 'from=2026-01-31' }), {
    parameter: 'x-tenant',
    in: 'headers',
    problem: 'missing',
  });
});

test('header values match as a whole, and stand once', () => {
  const options = { headers: { 'X-Tenant': '[a-z]+' } };
  assert.equal(exposed(options, {}), 'pass');
  assert.deepEqual(exposed(options, { headers: { 'x-tenant': ['Acme'] } }), {
    parameter: 'x-tenant',
    in: 'headers',
    problem: 'pattern',
  });
  assert.deepEqual(exposed(options, { headers: { 'x-tenant': ['acme', 'acme'] } }), {
    parameter: 'x-tenant',
    in: 'headers',
    problem: 'repeated',
  });
});

test('another spelling of a listed header is no way around its pattern', () => {
  const options = { headers: { 'X-Tenant': '[a-z]+' } };
  for (const name of ['x_tenant', 'x.tenant']) {
    const headers = { 'x-tenant': ['acme'], [name]: ["'--"] };
    assert.deepEqual(exposed(options, { headers }), { in: 'headers', problem: 'ambiguous' }, name);
  }
  const both = { headers: { 'x-tenant': 'a', x_tenant: 'b' } };
  assert.equal(exposed(both, { headers: { 'x-tenant': ['a'], x_tenant: ['b'], 'x-other': ['c'] } }), 'pass');
});

test('every issue of the options at once', () => {
  const { issues } = build(
    {
      path: { id: '(', day: 'a' },
      query: { from: '(?=a)' },
      headers: { 'X-A': 'a', 'x-a': 'b' },
      required_query: ['to'],
      required_headers: ['x-b'],
    },
    ['id'],
  );
  const places = issues.map((issue) => issue.split(' ')[0]);
  assert.deepEqual(places.toSorted(), [
    'parameters.headers.x-a',
    'parameters.path.day',
    'parameters.path.id',
    'parameters.query.from',
    'parameters.required_headers.0',
    'parameters.required_query.0',
  ]);
  assert.match(build({ path: { id: 'a' } }, []).issues.join(), /it has none/);
});
