import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fail } from '../../src/core/verdict.ts';
import { denial } from '../../src/wire/denial.ts';
import { fromProcessingRequest } from '../../src/wire/processing-request.ts';
import { type ProcessingAnswer, toProcessingResponse } from '../../src/wire/processing-response.ts';
import { loadOfficial } from '../support/official.ts';
import { methodOf } from '../support/official-client.ts';

const { requestSerialize, responseDeserialize } = methodOf(
  await loadOfficial(),
  'envoy.service.ext_proc.v3.ExternalProcessor/Process',
);
const read = (answer: ProcessingAnswer): unknown =>
  JSON.parse(JSON.stringify(responseDeserialize(Buffer.from(toProcessingResponse(answer)))), (_key, value) =>
    value?.type === 'Buffer' ? Buffer.from(value.data).toString() : value,
  );
const raw = (key: string, value: string) => ({ key, raw_value: Buffer.from(value) });
const text = (key: string, value: string) => ({ key, value: { string_value: value } });

test('the head of a request that the official code wrote is read in every part', () => {
  const bytes = requestSerialize({
    request_headers: {
      headers: {
        headers: [
          raw(':method', 'POST'),
          raw(':path', '/a?b'),
          raw(':authority', 'api.example.com'),
          raw(':scheme', 'https'),
          raw('X-A', '1'),
          { key: 'x-a', value: '2' },
          raw('x-request-id', 'r'),
        ],
      },
      end_of_stream: true,
    },
    metadata_context: {
      filter_metadata: [
        {
          key: 'envoy.filters.http.ext_authz',
          value: {
            fields: [
              text('rule', 'orders'),
              text('decision_id', 'd'),
              text('reason', 'ok'),
              text('principal_id', 'alice'),
              text('principal_source', 'users'),
            ],
          },
        },
      ],
    },
    attributes: [{ key: 'envoy.filters.http.ext_proc', value: { fields: [text('source.address', '[::1]:4711')] } }],
    protocol_config: { request_body_mode: 'FULL_DUPLEX_STREAMED', response_body_mode: 'BUFFERED_PARTIAL' },
  });
  const nobody = { address: '', port: 0, principal: '', certificate: '' };
  assert.deepEqual(fromProcessingRequest(bytes), {
    part: {
      kind: 'request_head',
      attributes: {
        source: { ...nobody, address: '::1', port: 4711 },
        destination: nobody,
        method: 'POST',
        scheme: 'https',
        host: 'api.example.com',
        path: '/a?b',
        protocol: '',
        headers: new Map([
          ['x-a', ['1', '2']],
          ['x-request-id', ['r']],
        ]),
        body: undefined,
        requestId: 'r',
        contextExtensions: new Map(),
      },
      endOfStream: true,
    },
    vouched: { decisionId: 'd', reason: 'ok', rule: 'orders', principalId: 'alice', principalSource: 'users' },
    modes: { request: 'duplex', response: 'partial', eager: false },
    observed: false,
  });
});

test('the other parts that the official code wrote are read', () => {
  const partOf = (message: object): unknown => fromProcessingRequest(requestSerialize(message))?.part;
  const headers = { headers: [raw(':status', '206'), raw('etag', '"1"')] };
  assert.deepEqual(partOf({ response_headers: { headers } }), {
    kind: 'response_head',
    status: 206,
    headers: new Map([['etag', ['"1"']]]),
    endOfStream: false,
  });
  const body = { body: Buffer.from([0, 255]), end_of_stream: true };
  for (const message of ['request', 'response']) {
    assert.deepEqual(partOf({ [`${message}_body`]: body }), {
      kind: 'body',
      of: message,
      bytes: body.body,
      last: true,
    });
    assert.deepEqual(partOf({ [`${message}_trailers`]: { trailers: headers } }), { kind: 'trailers', of: message });
  }
  for (const [mode, ours] of [
    ['STREAMED', 'streamed'],
    ['BUFFERED', 'buffered'],
    ['NONE', 'none'],
  ]) {
    const config = { request_body_mode: mode, send_body_without_waiting_for_header_response: true };
    const message = fromProcessingRequest(requestSerialize({ request_trailers: {}, protocol_config: config }));
    assert.deepEqual(message?.modes, { request: ours, response: 'none', eager: true });
  }
  assert.equal(
    fromProcessingRequest(requestSerialize({ request_body: body, observability_mode: true }))?.observed,
    true,
  );
  assert.equal(fromProcessingRequest(requestSerialize({})), undefined);
  assert.equal(fromProcessingRequest(Buffer.from('junk')), undefined);
});

test('the official code reads our answers to heads, with values in their raw form', () => {
  const set = [
    { name: 'x-a', value: '1' },
    { name: 'set-cookie', value: 'a=b', append: true as const },
  ];
  const option = (key: string, value: string, append: boolean) => ({
    header: { key, raw_value: value },
    append: append ? { value: true } : {},
    keep_empty_value: true,
    ...(append ? {} : { append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' }),
  });
  const modes = { request: 'buffered', responseHead: true, response: 'streamed' } as const;
  assert.deepEqual(read({ kind: 'head', of: 'request', head: { set, remove: ['x-b'], path: '/a?c' }, modes }), {
    request_headers: {
      response: {
        header_mutation: {
          set_headers: [option(':path', '/a?c', false), option('x-a', '1', false), option('set-cookie', 'a=b', true)],
          remove_headers: ['x-b'],
        },
      },
    },
    response: 'request_headers',
    mode_override: {
      response_header_mode: 'SEND',
      request_body_mode: 'BUFFERED',
      response_body_mode: 'STREAMED',
      request_trailer_mode: 'SKIP',
      response_trailer_mode: 'SEND',
    },
  });
  assert.deepEqual(read({ kind: 'head', of: 'response', head: { set: [], remove: [] }, modes: undefined }), {
    response_headers: { response: {} },
    response: 'response_headers',
  });
});

test('the official code reads our answers to bodies and trailers', () => {
  const bytes = Buffer.from('abc');
  const length = {
    header: { key: 'content-length', raw_value: '3' },
    append: {},
    append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
    keep_empty_value: true,
  };
  assert.deepEqual(read({ kind: 'body', of: 'request', change: undefined }), {
    request_body: { response: {} },
    response: 'request_body',
  });
  assert.deepEqual(read({ kind: 'body', of: 'response', change: { bytes, remove: ['etag'], contentLength: 3 } }), {
    response_body: {
      response: {
        header_mutation: { set_headers: [length], remove_headers: ['etag'] },
        body_mutation: { body: 'abc', mutation: 'body' },
      },
    },
    response: 'response_body',
  });
  assert.deepEqual(
    read({ kind: 'body', of: 'request', change: { bytes: Buffer.of(), remove: [], contentLength: undefined } }),
    {
      request_body: { response: { body_mutation: { clear_body: true, mutation: 'clear_body' } } },
      response: 'request_body',
    },
  );
  assert.deepEqual(read({ kind: 'piece', of: 'response', bytes, last: true }), {
    response_body: {
      response: {
        body_mutation: { streamed_response: { body: 'abc', end_of_stream: true }, mutation: 'streamed_response' },
      },
    },
    response: 'response_body',
  });
  for (const message of ['request', 'response'] as const) {
    assert.deepEqual(read({ kind: 'trailers', of: message }), {
      [`${message}_trailers`]: {},
      response: `${message}_trailers`,
    });
  }
});

test('the official code reads our denial: its status, its headers, the problem', () => {
  const deny = denial('d', 'orders', fail('response_leaks'), {});
  const answer = read({ kind: 'denial', deny }) as {
    immediate_response: { headers: { set_headers: { header: object }[] } };
  }; // as sent
  const { headers, ...rest } = answer.immediate_response;
  assert.deepEqual(rest, { status: { code: 'BadGateway' }, body: deny.body, details: 'portcullis_response_leaks' });
  assert.deepEqual(
    headers.set_headers.map(({ header }) => header),
    deny.headers.map(({ name, value }) => ({ key: name, raw_value: value })),
  );
});
