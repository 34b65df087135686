import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { HeaderMap } from '../../src/core/attributes.ts';
import type { JsonSchema } from '../../src/core/build.ts';
import type { Subject } from '../../src/core/plan.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import {
  type InspectionOptions,
  inspections,
  parametersSchema,
  payloadSchema,
  protectSchema,
} from '../../src/inspect/index.ts';
import { buildHere } from '../support/inspection.ts';
import { recordIssues } from '../support/recording-context.ts';
import { aSubject } from '../support/requests.ts';

const secret = 'hunter2-hunter2';
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A demanding configuration of each kind: whatever is planted below must be refused by it. */
const configured = {
  parameters: {
    pathParameters: ['id'],
    parameters: {
      path: { id: '[0-9]+' },
      query: { from: '[0-9-]+' },
      headers: { 'x-tenant': '[a-z]+' },
      unknown_query: 'deny',
    },
  },
  schema: {
    pathParameters: [],
    payload: {
      schema: {
        type: 'object',
        required: ['toString'],
        properties: {
          toString: { type: 'integer', enum: [1, 2] },
          secret: { type: 'string', pattern: '^[0-9]*$', maxLength: 3, format: 'date' },
          list: { type: 'array', uniqueItems: true, items: { anyOf: [{ type: 'integer' }, { const: { a: 1 } }] } },
        },
        additionalProperties: false,
      },
    },
  },
} as const satisfies Record<Exclude<keyof typeof inspections, 'attacks'>, InspectionOptions>;

interface Sketch {
  readonly body?: Uint8Array | undefined;
  readonly query?: string;
  readonly id?: string;
  readonly headers?: HeaderMap;
}

function subjectOf({ body, query = '', id = '1', headers = new Map() }: Sketch): Subject {
  const all = new Map([['content-type', ['application/json']], ...headers]);
  return aSubject({ request: { query, headers: all, body }, parameters: { id } });
}

const invalidUtf8 = Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);

const hostile: Readonly<Record<string, Sketch>> = {
  'no body': { id: secret },
  'an empty body': { body: new Uint8Array(), id: secret },
  'a huge body': { body: new Uint8Array(4 * 1024 ** 2), id: 'x'.repeat(100_000) },
  'a deep body': { body: encode('['.repeat(30_000)), query: '['.repeat(30_000) },
  'invalid UTF-8': { body: invalidUtf8, query: 'from=%ff%fe' },
  'prototype names': {
    body: encode('{"__proto__":{"toString":1},"constructor":{"prototype":{}}}'),
    query: '__proto__=1&constructor=2&toString=3',
  },
  'a name of Object.prototype that is not there': { body: encode('{"constructor":1}'), query: 'hasOwnProperty=1' },
  'a member twice': { body: encode(`{"toString":1,"toString":"${secret}"}`), query: `from=1&from=${secret}` },
  'a wrong type': { body: encode(`{"toString":"${secret}"}`), query: `from=${secret}` },
  'a wrong pattern, length and format': { body: encode(`{"toString":1,"secret":"${secret}"}`), id: secret },
  'a wrong list': { body: encode(`{"toString":1,"list":[{"a":1},"${secret}"]}`), query: `${secret}=1` },
  'a wrong header': {
    body: encode(`{"toString":1,"${secret}":1}`),
    headers: new Map([
      ['x-tenant', [secret]],
      ['content-type', [`application/json; v="${secret}"`]],
    ]),
  },
  'broken JSON': { body: encode(`{"toString":1,"secret":"${secret}`), query: `from=%${secret}` },
};

/** What the caller or a reader of the audit sees of a verdict. */
const shown = (verdict: Verdict): string =>
  JSON.stringify([verdict.detail, verdict.kind === 'reject' ? [verdict.expose, verdict.headers] : []]);

const described = (schema: JsonSchema, path: string): readonly string[] =>
  Object.entries(Object(schema['properties'])).flatMap(([name, property]) => {
    const { description } = Object(property);
    return typeof description === 'string' && /default/i.test(description) ? [] : [`${path}.${name}`];
  });

for (const [name, options] of Object.entries<InspectionOptions>(configured)) {
  const { context, issues } = recordIssues();
  const inspect = buildHere(options, context);

  test(`${name}: builds without issues`, () => assert.deepEqual(issues, []));

  for (const [what, sketch] of Object.entries(hostile)) {
    test(`${name}: refuses ${what} and tells nobody the value`, () => {
      const verdict = inspect(subjectOf(sketch));
      assert.equal(verdict.kind, 'reject');
      assert.ok(!shown(verdict).includes(secret), shown(verdict));
      assert.ok(shown(verdict).length < 2048);
    });
  }

  test(`${name}: never throws, and always answers with a verdict`, () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    const body = fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.json().map(encode));
    const headers = fc.array(fc.tuple(fc.constantFrom('content-type', 'content-length', 'x-tenant'), fc.array(text)));
    fc.assert(
      fc.property(body, text, text, headers, (bytes, query, id, pairs) => {
        const { kind } = inspect(subjectOf({ body: bytes, query, id, headers: new Map(pairs) }));
        assert.ok(kind === 'pass' || kind === 'reject');
      }),
      { numRuns: 300 },
    );
  });
}

// Attacks are searched for in what may be anything else: most of the hostile requests above are none.
const searching = { pathParameters: [], protect: { preset: 'strict' } } as const satisfies InspectionOptions;

test('attacks: answers every hostile request, and repeats no more of it than an excerpt', () => {
  const { context, issues } = recordIssues();
  const inspect = buildHere(searching, context);
  assert.deepEqual(issues, []);
  for (const [what, sketch] of Object.entries(hostile)) {
    const verdict = inspect(subjectOf(sketch));
    assert.ok(verdict.kind === 'pass' || verdict.kind === 'reject', what);
    assert.ok(shown(verdict).length < 4096, shown(verdict));
  }
});

test('attacks: never throws, and always answers with a verdict', () => {
  const inspect = buildHere(searching, recordIssues().context);
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  const body = fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.json().map(encode));
  const types = ['application/json', 'application/x-www-form-urlencoded', 'text/xml', 'text/plain', 'x/y', 'a;b'];
  fc.assert(
    fc.property(body, text, text, fc.constantFrom(...types), (bytes, query, cookie, type) => {
      const headers = new Map([
        ['content-type', [type]],
        ['cookie', [cookie]],
        ['user-agent', [query]],
      ]);
      const { kind } = inspect(subjectOf({ body: bytes, query, headers }));
      assert.ok(kind === 'pass' || kind === 'reject');
    }),
    { numRuns: 300 },
  );
});

for (const kind of Object.values(inspections)) {
  test(`${kind.key}: is silent where a rule does not configure it`, () => {
    const { context, issues } = recordIssues();
    assert.equal(kind.build({ pathParameters: [] }, context), undefined);
    assert.deepEqual(issues, []);
  });

  test(`${kind.key}: its schema refuses unknown keys and describes every key with its default`, () => {
    assert.equal(kind.schema['additionalProperties'], false);
    assert.deepEqual(described(kind.schema, kind.key), []);
  });
}

test('the published schemas are the ones of the table', () => {
  assert.deepEqual(
    Object.values(inspections).map(({ schema }) => schema),
    [parametersSchema, payloadSchema, protectSchema],
  );
});

test('a rule without inspection abstains', () => {
  const inspect = buildHere({ pathParameters: [] }, recordIssues().context);
  assert.deepEqual(inspect(subjectOf({})), { kind: 'abstain', detail: {} });
});

test('both kinds together: parameters first, a shadowed payload never denies', () => {
  const shadow = { ...configured.schema.payload, mode: 'shadow' } as const;
  const options = { ...configured.parameters, payload: shadow };
  const inspect = buildHere(options, recordIssues().context);
  const watched = inspect(subjectOf({ body: encode('{}') }));
  assert.equal(watched.kind, 'pass');
  assert.equal(watched.detail['payload'], 'body_mismatch');
  const refused = inspect(subjectOf({ body: encode('{}'), id: 'x' }));
  assert.ok(refused.kind === 'reject' && refused.reason === 'parameter_mismatch');
});

test('a bug outside of the payload is our failure, whatever on_failure says', () => {
  const options = { ...configured.parameters, payload: { on_failure: 'allow' } } as const;
  const inspect = buildHere(options, recordIssues().context);
  const parameters = new Map();
  parameters.get = () => {
    throw new Error(secret);
  };
  assert.deepEqual(inspect({ ...subjectOf({ body: encode('{}') }), parameters }), {
    kind: 'fail',
    reason: 'inspection_failed',
    detail: { inspection: 'parameters', error: 'Error' },
  });
});
