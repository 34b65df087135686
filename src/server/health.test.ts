import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrpcError, grpcCodes } from './grpc-error.ts';
import { healthService } from './health.ts';
import { openReadiness, type Readiness } from './readiness.ts';
import type { Call } from './transport.ts';

const callWith = (signal: AbortSignal): Call => ({
  metadata: { get: () => undefined },
  signal,
  remainingMs: undefined,
});
const undecodable = Uint8Array.of(0xff);
const invalid = (error: unknown): boolean => error instanceof GrpcError && error.code === grpcCodes.invalid_argument;

const methodsOf = (readiness: Readiness) => {
  const rows = new Map(healthService(readiness, ['a.Service']));
  const check = rows.get('/grpc.health.v1.Health/Check');
  const watch = rows.get('/grpc.health.v1.Health/Watch');
  assert.ok(check?.kind === 'unary' && watch?.kind === 'server_stream');
  return { check, watch };
};

test('a request that cannot be decoded is INVALID_ARGUMENT', async () => {
  const { check, watch } = methodsOf(openReadiness(() => []));
  const call = callWith(new AbortController().signal);
  await assert.rejects(check.handle(undecodable, call), invalid);
  await assert.rejects(watch.handle(undecodable, call)[Symbol.asyncIterator]().next(), invalid);
});

test('a watch lets go of the readiness when its call is over', async () => {
  let subscribers = 0;
  const readiness: Readiness = {
    ready: () => true,
    subscribe: () => {
      subscribers += 1;
      return () => {
        subscribers -= 1;
      };
    },
  };
  const controller = new AbortController();
  const { watch } = methodsOf(readiness);
  const answers = watch.handle(new Uint8Array(), callWith(controller.signal))[Symbol.asyncIterator]();
  assert.deepEqual((await answers.next()).value, Uint8Array.of(0x08, 0x01));
  assert.equal(subscribers, 1);
  const next = answers.next();
  controller.abort();
  assert.equal((await next).done, true);
  assert.equal(subscribers, 0);
});

test('a watch whose call is over before it begins says nothing', async () => {
  const { watch } = methodsOf(openReadiness(() => []));
  const answers = watch.handle(new Uint8Array(), callWith(AbortSignal.abort()))[Symbol.asyncIterator]();
  assert.equal((await answers.next()).done, true);
});

test('two changes between two looks that cancel each other out are no change', async () => {
  const lacking = new Set<string>();
  const readiness = openReadiness(() => [...lacking]);
  const controller = new AbortController();
  const { watch } = methodsOf(readiness);
  const answers = watch.handle(new Uint8Array(), callWith(controller.signal))[Symbol.asyncIterator]();
  await answers.next();
  const next = answers.next();
  lacking.add('users');
  readiness.refresh();
  lacking.clear();
  readiness.refresh();
  await new Promise(setImmediate);
  lacking.add('users');
  readiness.refresh();
  assert.deepEqual((await next).value, Uint8Array.of(0x08, 0x02));
  controller.abort();
});
