import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { silentLog } from '../../src/core/ports.ts';
import { GrpcError } from '../../src/server/grpc-error.ts';
import { healthService } from '../../src/server/health.ts';
import { openReadiness } from '../../src/server/readiness.ts';
import { checkService, joinServices, type Rows, rateLimitService, serviceNames } from '../../src/server/services.ts';
import type { Listening } from '../../src/server/transport.ts';
import { transports } from '../../src/server/transports/index.ts';
import { toRateLimitResponse } from '../../src/wire/rate-limit-response.ts';
import { loadOfficial } from '../support/official.ts';
import { type OfficialClient, officialClient } from '../support/official-client.ts';

const official = await loadOfficial();
const checkName = `${serviceNames.check}/Check`;
const rateLimitName = `${serviceNames.rateLimit}/ShouldRateLimit`;
const health = (service: string): [string, object] => ['grpc.health.v1.Health/Check', { service }];

for (const [name, transport] of Object.entries(transports)) {
  const serving = async (
    rows: readonly Rows[],
    use: (client: OfficialClient, listening: Listening) => Promise<void>,
  ): Promise<void> => {
    const listening = await transport.listen(joinServices(...rows), { address: '127.0.0.1:0', log: silentLog });
    const client = officialClient(official, listening.address);
    try {
      await use(client, listening);
    } finally {
      client.close();
      await listening.close();
    }
  };

  test(`${name}: a bug in Check is a denial with an id, never a gRPC error`, async () => {
    const rows = checkService(
      () => Promise.reject(new TypeError('bug')),
      () => 'id-1',
    );
    await serving([rows], async (client) => {
      const answer = await client.call(checkName, {}).answer;
      assert.partialDeepStrictEqual(answer, {
        status: { code: 14 },
        denied_response: { status: { code: 'ServiceUnavailable' } },
      });
      assert.match(JSON.stringify(answer), /decision_id\W+id-1/);
    });
  });

  test(`${name}: ShouldRateLimit answers, or ends with the status that its handler throws`, async () => {
    const rows = rateLimitService(async (message) => {
      if (message.length === 0) throw new GrpcError('unknown', 'rate limit domain must not be empty');
      return toRateLimitResponse({ overall: 'ok', statuses: [], headers: [] });
    });
    await serving([rows], async (client) => {
      assert.deepEqual(await client.call(rateLimitName, { domain: 'd' }).answer, { overall_code: 'OK' });
      await assert.rejects(client.call(rateLimitName, {}).answer, { code: status.UNKNOWN, details: /domain/ });
    });
  });

  test(`${name}: health is asked for the server and for each service by name`, async () => {
    const lacking = new Set(['users']);
    const readiness = openReadiness(() => [...lacking]);
    await serving([healthService(readiness, [serviceNames.check])], async (client) => {
      const statusOf = (service: string): Promise<object> => client.call(...health(service)).answer;
      assert.deepEqual(await statusOf(''), { status: 'NOT_SERVING' });
      lacking.clear();
      assert.deepEqual(await statusOf(''), { status: 'SERVING' });
      assert.deepEqual(await statusOf(serviceNames.check), { status: 'SERVING' });
      for (const unknown of [serviceNames.rateLimit, 'x', '__proto__']) {
        await assert.rejects(statusOf(unknown), { code: status.NOT_FOUND });
      }
      readiness.drain();
      assert.deepEqual(await statusOf(''), { status: 'NOT_SERVING' });
    });
  });

  test(`${name}: a watch tells the health now and at every change, until the server drains`, async () => {
    const lacking = new Set(['users']);
    const readiness = openReadiness(() => [...lacking]);
    await serving([healthService(readiness, [])], async (client, listening) => {
      const { answers } = client.stream('grpc.health.v1.Health/Watch', { service: '' });
      const next = async (): Promise<unknown> => (await answers.next()).value;
      assert.deepEqual(await next(), { status: 'NOT_SERVING' });
      readiness.refresh();
      lacking.clear();
      readiness.refresh();
      assert.deepEqual(await next(), { status: 'SERVING' });
      readiness.drain();
      assert.deepEqual(await next(), { status: 'NOT_SERVING' });
      const ended = assert.rejects(next(), { code: status.UNAVAILABLE });
      assert.equal(await listening.drain(60_000), true);
      await ended;
    });
  });

  test(`${name}: a watch of a service that is not known stays open and says so`, async () => {
    await serving(
      [
        healthService(
          openReadiness(() => []),
          [],
        ),
      ],
      async (client) => {
        const { answers, cancel } = client.stream('grpc.health.v1.Health/Watch', { service: 'x' });
        assert.deepEqual((await answers.next()).value, { status: 'SERVICE_UNKNOWN' });
        const ended = assert.rejects(answers.next(), { code: status.CANCELLED });
        cancel();
        await ended;
      },
    );
  });
}

test('two rows of one name are a bug', () => {
  const rows = rateLimitService(async () => new Uint8Array());
  assert.throws(() => joinServices(rows, rows), TypeError);
});
