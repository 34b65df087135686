import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import {
  createFileRegistry,
  type DescField,
  type DescMessage,
  type FileRegistry,
  fromBinary,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { fromCheckRequest } from '../../src/wire/check-request.ts';
import { toCheckResponse } from '../../src/wire/check-response.ts';
import { CheckRequest, CheckResponse } from '../../src/wire/gen/envoy/service/auth/v3/external_auth.ts';
import {
  ProcessingRequest,
  ProcessingResponse,
} from '../../src/wire/gen/envoy/service/ext_proc/v3/external_processor.ts';
import { RateLimitRequest, RateLimitResponse } from '../../src/wire/gen/envoy/service/ratelimit/v3/rls.ts';
import { HealthCheckRequest, HealthCheckResponse } from '../../src/wire/gen/grpc/health/v1/health.ts';
import { fromRateLimitRequest } from '../../src/wire/rate-limit-request.ts';
import { toRateLimitResponse } from '../../src/wire/rate-limit-response.ts';
import { arbitraryMessage } from '../support/arbitrary-message.ts';
import { loadOfficial, officialDescriptors } from '../support/official.ts';
import { methodOf } from '../support/official-client.ts';

const project = join(import.meta.dirname, '..', '..');
const registryOf = (bytes: Uint8Array): FileRegistry => createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));

const buf = join(project, 'node_modules', '.bin', 'buf');
const built = await promisify(execFile)(buf, ['build', 'proto', '-o', '-#format=binpb'], {
  cwd: project,
  encoding: 'buffer',
});
const ours = registryOf(built.stdout);
const theirs = registryOf(await officialDescriptors());
const official = await loadOfficial();

/** Fields of ours that are newer than the official descriptors at hand. */
const newer = ['envoy.extensions.common.ratelimit.v3.RateLimitDescriptor.is_negative_hits'];

const messages = [...ours].filter((desc) => desc.kind === 'message');
const enums = [...ours].filter((desc) => desc.kind === 'enum');
const services = [...ours].filter((desc) => desc.kind === 'service');

const shapeOf = (field: DescField) => ({
  name: field.name,
  number: field.number,
  type: field.proto.type,
  typeName: field.proto.typeName,
  label: field.proto.label,
  kind: field.fieldKind,
  oneof: field.oneof?.name,
  optional: field.proto.proto3Optional,
  packed: field.fieldKind === 'list' && field.packed,
});

test('the set under test is not empty', () => {
  assert.ok(messages.length > 30 && enums.length > 5 && services.length === 5);
});

for (const message of messages) {
  test(`${message.typeName} has no field that the official one lacks or shapes differently`, () => {
    const counterpart = theirs.getMessage(message.typeName);
    assert.ok(counterpart, 'there is no such official message');
    for (const field of message.fields) {
      const found: DescField | undefined = counterpart.fields.find(({ name }) => name === field.name);
      if (newer.includes(`${message.typeName}.${field.name}`)) {
        assert.ok(found === undefined && counterpart.fields.every(({ number }) => number !== field.number));
      } else {
        assert.ok(found, `there is no official field ${field.name}`);
        assert.deepEqual(shapeOf(field), shapeOf(found));
      }
    }
  });
}

for (const { typeName, values } of enums) {
  test(`${typeName} has the official numbers`, () => {
    const numbers = new Map(theirs.getEnum(typeName)?.values.map(({ name, number }) => [name, number]));
    for (const { name, number } of values) assert.equal(numbers.get(name), number, name);
  });
}

for (const { typeName, methods } of services) {
  test(`${typeName} has the official methods`, () => {
    for (const { name, methodKind, input, output } of methods) {
      const found = theirs.getService(typeName)?.methods.find((method) => method.name === name);
      assert.deepEqual(
        [methodKind, input.typeName, output.typeName],
        [found?.methodKind, found?.input.typeName, found?.output.typeName],
      );
    }
  });
}

interface Codec {
  decode(bytes: Uint8Array): unknown;
  again(bytes: Uint8Array): Uint8Array;
}
const codec = <T>(type: { decode(bytes: Uint8Array): T; encode(message: T): { finish(): Uint8Array } }): Codec => ({
  decode: type.decode,
  again: (bytes) => type.encode(type.decode(bytes)).finish(),
});

const trips = [
  ['envoy.service.auth.v3.Authorization/Check', codec(CheckRequest), codec(CheckResponse)],
  ['envoy.service.ext_proc.v3.ExternalProcessor/Process', codec(ProcessingRequest), codec(ProcessingResponse)],
  ['envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit', codec(RateLimitRequest), codec(RateLimitResponse)],
  ['grpc.health.v1.Health/Check', codec(HealthCheckRequest), codec(HealthCheckResponse)],
] as const;

const messageOf = (typeName: string | undefined): DescMessage => {
  const found = typeName === undefined ? undefined : ours.getMessage(typeName);
  assert.ok(found);
  return found;
};

// Absent and empty are the same on the wire: with the defaults filled in they read the same too.
const filled = await loadOfficial({ defaults: true });
for (const [name, request, response] of trips) {
  const method = methodOf(filled, name);
  const [service = '', rpc = ''] = name.split('/');
  const described = ours.getService(service)?.methods.find((row) => row.name === rpc);
  const runs = { numRuns: 200 };

  test(`${name}: requests survive the way through our code, as the official one reads them`, () => {
    fc.assert(
      fc.property(arbitraryMessage(messageOf(described?.input.typeName)), (value) => {
        const bytes = method.requestSerialize(value);
        assert.deepEqual(
          method.requestDeserialize(Buffer.from(request.again(bytes))),
          method.requestDeserialize(Buffer.from(bytes)),
        );
      }),
      runs,
    );
  });

  test(`${name}: responses survive the way through our code, as the official one reads them`, () => {
    fc.assert(
      fc.property(arbitraryMessage(messageOf(described?.output.typeName)), (value) => {
        const bytes = method.responseSerialize(value);
        assert.deepEqual(
          method.responseDeserialize(Buffer.from(response.again(bytes))),
          method.responseDeserialize(Buffer.from(bytes)),
        );
      }),
      runs,
    );
  });
}

test('a CheckRequest that the official code wrote is read in every part', () => {
  const bytes = methodOf(official, 'envoy.service.auth.v3.Authorization/Check').requestSerialize({
    attributes: {
      source: {
        address: { socket_address: { address: '192.0.2.1', port_value: 4711 } },
        principal: 'spiffe://a/b',
        certificate: '-----BEGIN%20',
      },
      destination: { address: { pipe: { path: '/run/s' } } },
      request: {
        http: {
          id: '1',
          method: 'POST',
          header_map: {
            headers: [
              { key: ':path', raw_value: Buffer.from('/a?b') },
              { key: 'x-a', raw_value: Buffer.from('1') },
              { key: 'x-a', raw_value: Buffer.from([0xff]) },
              { key: 'x-request-id', value: 'r' },
            ],
          },
          path: '/a?b',
          host: 'api.example.com',
          scheme: 'https',
          protocol: 'HTTP/1.1',
          raw_body: Buffer.from([0, 1]),
        },
      },
      context_extensions: [{ key: 'rule', value: 'orders' }],
      tls_session: { sni: 'api.example.com' },
    },
  });
  const verdict = fromCheckRequest(bytes);
  assert.ok(verdict.kind === 'pass');
  assert.deepEqual(verdict.value, {
    source: { address: '192.0.2.1', port: 4711, principal: 'spiffe://a/b', certificate: '-----BEGIN%20' },
    destination: { address: '', port: 0, principal: '', certificate: '' },
    method: 'POST',
    scheme: 'https',
    host: 'api.example.com',
    path: '/a?b',
    protocol: 'HTTP/1.1',
    headers: new Map([
      ['x-a', ['1', '\ufffd']],
      ['x-request-id', ['r']],
    ]),
    body: Buffer.from([0, 1]),
    requestId: 'r',
    contextExtensions: new Map([['rule', 'orders']]),
  });
});

test('the official code reads our allow and our denial', () => {
  const { responseDeserialize } = methodOf(official, 'envoy.service.auth.v3.Authorization/Check');
  const read = (decision: Parameters<typeof toCheckResponse>[0]): unknown =>
    JSON.parse(JSON.stringify(responseDeserialize(Buffer.from(toCheckResponse(decision)))));
  const overwrite = (key: string, value: string) => ({
    header: { key, value },
    append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
  });
  const metadata = { rule: 'r' };
  const dynamic = { fields: [{ key: 'rule', value: { string_value: 'r', kind: 'string_value' } }] };
  assert.deepEqual(
    read({
      effect: 'allow',
      id: 'd',
      rule: 'r',
      set: [{ name: 'x-user', value: 'a' }],
      remove: ['cookie'],
      removeQuery: [],
      response: [{ name: 'ratelimit', value: 'b' }],
      metadata,
    }),
    {
      status: {},
      ok_response: {
        headers: [overwrite('x-user', 'a')],
        headers_to_remove: ['cookie'],
        response_headers_to_add: [overwrite('ratelimit', 'b')],
      },
      http_response: 'ok_response',
      dynamic_metadata: dynamic,
    },
  );
  assert.deepEqual(
    read({
      effect: 'deny',
      id: 'd',
      rule: undefined,
      reason: 'limit_exceeded',
      status: 429,
      headers: [{ name: 'retry-after', value: '1' }],
      body: '{}',
      metadata,
    }),
    {
      status: { code: 8 },
      denied_response: { status: { code: 'TooManyRequests' }, headers: [overwrite('retry-after', '1')], body: '{}' },
      http_response: 'denied_response',
      dynamic_metadata: dynamic,
    },
  );
});

test('the official code and ours read each other at ShouldRateLimit', () => {
  const method = methodOf(official, 'envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit');
  const entries = [{ key: 'k', value: 'v' }];
  const request = { domain: 'd', descriptors: [{ entries, hits_addend: { value: '3' } }, { entries }], hits_addend: 2 };
  assert.deepEqual(fromRateLimitRequest(method.requestSerialize(request)), {
    domain: 'd',
    descriptors: [
      { entries, hitsAddend: 3n },
      { entries, hitsAddend: undefined },
    ],
    hitsAddend: 2,
  });
  const limit = { name: 'n', requestsPerUnit: 5, unit: 'week' } as const;
  const bytes = toRateLimitResponse({
    overall: 'over_limit',
    statuses: [{ code: 'over_limit', limit, limitRemaining: 0, resetSeconds: 9 }],
    headers: [{ name: 'retry-after', value: '9' }],
  });
  assert.deepEqual(JSON.parse(JSON.stringify(method.responseDeserialize(Buffer.from(bytes)))), {
    overall_code: 'OVER_LIMIT',
    statuses: [
      {
        code: 'OVER_LIMIT',
        current_limit: { name: 'n', requests_per_unit: 5, unit: 'WEEK' },
        duration_until_reset: { seconds: '9' },
      },
    ],
    response_headers_to_add: [{ key: 'retry-after', value: '9' }],
  });
});
