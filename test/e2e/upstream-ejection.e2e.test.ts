import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { type Load, startLoad } from '../support/load.ts';
import { getPage, seriesOf } from '../support/sidecar.ts';

let gateway: Gateway;
let headers: { readonly authorization: string };
before(async () => {
  gateway = await startGateway({ config: (demo) => demo.replace('rate: 600/m', 'rate: 600000/m') });
  headers = { authorization: `Bearer ${await gateway.token('bob')}` };
});
after(() => gateway?.stop());

const lanes = 2;
/** Runs requests while something happens to an endpoint, and gives their statuses. */
async function underLoad(happens: (load: Load<number>) => Promise<void>): Promise<readonly number[]> {
  const load = startLoad(lanes, async () => (await gateway.send({ path: '/orders', headers })).status);
  try {
    await load.more(20);
    await happens(load);
  } finally {
    await load.stop();
  }
  return load.results;
}
const failed = (statuses: readonly number[]): readonly number[] => statuses.filter((status) => status !== 200);

type Endpoint = 0 | 1;
const endpointOf = (index: Endpoint) => gateway.api.endpoints[index];
async function flagsOf(index: Endpoint): Promise<string> {
  const { body } = await getPage(`http://127.0.0.1:${gateway.ports.envoyAdmin}/clusters`);
  const { port } = endpointOf(index);
  return new RegExp(`^sample_api::127\\.0\\.0\\.1:${port}::health_flags::(.*)$`, 'm').exec(body)?.[1] ?? '';
}
const flagged = (index: Endpoint, flags: RegExp): Promise<void> =>
  waitFor({ what: `endpoint ${index} is ${flags}`, holds: async () => flags.test(await flagsOf(index)) });
/** Resolves once an endpoint gets nothing any more: whatever its flags say, the workers have heard of it. */
const rests = (index: Endpoint, load: Load<number>): Promise<void> =>
  waitFor({
    what: `endpoint ${index} rests`,
    holds: async () => {
      const served = endpointOf(index).served();
      await load.more(10);
      return endpointOf(index).served() === served;
    },
  });

/** Resolves once an endpoint gets requests. */
async function serves(index: Endpoint, load: Load<number>): Promise<void> {
  const served = endpointOf(index).served();
  const holds = async (): Promise<boolean> => {
    await load.more(10);
    return endpointOf(index).served() > served;
  };
  await waitFor({ what: `endpoint ${index} serves`, holds });
}

test('an endpoint that fails is ejected after a few requests, and serves again once it is well', async () => {
  const sick = endpointOf(0);
  const statuses = await underLoad(async (load) => {
    sick.setBroken(true);
    await rests(0, load);
    assert.notEqual(await flagsOf(0), 'healthy');
    const start = load.results.length;
    await load.more(40);
    assert.deepEqual(failed(load.results.slice(start)), []);

    sick.setBroken(false);
    await flagged(0, /^healthy$/);
    await serves(0, load);
  });
  // Three in a row are enough; whatever is on its way until the workers hear of it fails too.
  assert.ok(failed(statuses).length <= 3 + 2 * lanes, `${failed(statuses).length} failed`);
  const { body } = await getPage(`http://127.0.0.1:${gateway.ports.envoyAdmin}/stats?filter=ejections_enforced`);
  assert.equal(seriesOf(body, 'cluster.sample_api.outlier_detection.ejections_enforced_consecutive_5xx:'), 0);
  assert.deepEqual(new Set(failed(statuses)), new Set([503]));
});

test('an endpoint that fails its health check alone gets nothing', async () => {
  const [well, sick] = gateway.api.endpoints;
  sick.setBroken(true);
  await flagged(1, /failed_active_hc/);
  await underLoad(async (load) => {
    await rests(1, load);
    const start = load.results.length;
    const before = { well: well.served(), sick: sick.served() };
    await load.more(40);
    assert.deepEqual(failed(load.results.slice(start)), []);
    assert.equal(sick.served(), before.sick);
    // What each lane had on its way was served before the count and is a result after it.
    assert.ok(well.served() >= before.well + 40 - lanes);
    sick.setBroken(false);
    await serves(1, load);
  });
});

test('an endpoint that is gone costs what it was answering: the others are tried elsewhere', async () => {
  const statuses = await underLoad(async (load) => {
    await endpointOf(1).close();
    await load.more(60);
    await flagged(1, /failed_active_hc/);
    await load.more(40);
  });
  assert.ok(failed(statuses).length <= lanes, `${failed(statuses).length} failed`);
});
