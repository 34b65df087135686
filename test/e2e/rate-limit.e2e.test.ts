import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { type Ingress, startIngress } from '../support/ingress.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';

const config = `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }
ratelimit: { config_dir: limits }
rules: []
`;
const limits = (free: number): string => `
domain: gateway
descriptors:
  - key: remote_address
    rate_limit: { unit: day, requests_per_unit: 100 }
  - key: plan
    value: free
    rate_limit: { unit: day, requests_per_unit: ${free} }
`;

let folder: string;
let sidecar: SidecarProcess;
let ingress: Ingress;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-rate-limit-'));
  await mkdir(join(folder, 'limits'));
  await writeFile(join(folder, 'limits', 'gateway.yaml'), limits(2));
  await writeFile(join(folder, 'portcullis.yaml'), config);
  sidecar = await startSidecarProcess({ config: { file: join(folder, 'portcullis.yaml') } });
  ingress = await startIngress({ bootstrap: 'rate-limit.yaml', grpc: sidecar.grpc });
});
after(async () => {
  await ingress?.stop();
  await sidecar?.stop();
  await rm(folder, { recursive: true, force: true });
});

const statusOf = async (plan: string): Promise<number> =>
  (await ingress.send({ path: '/healthz', headers: { 'x-plan': plan } })).status;

test('Envoy’s own rate-limit filter is answered: within the limit 200, over it 429, another value is another counter', async () => {
  assert.deepEqual([await statusOf('free'), await statusOf('free'), await statusOf('free')], [200, 200, 429]);
  assert.equal(await statusOf('pro'), 200);
});

test('Envoy tells the caller where it stands from our statuses', async () => {
  const { headers } = await ingress.send({ path: '/healthz' });
  assert.match(String(headers['x-ratelimit-limit']), /^100, 100;w=86400/);
  assert.match(String(headers['x-ratelimit-remaining']), /^9\d$/);
});

test('a changed file of the directory is in force without a restart, a bad one changes nothing', async () => {
  await writeFile(
    join(folder, 'limits', 'gateway.yaml'),
    'domain: gateway\ndescriptors: [{ key: plan, rate_limit: { unit: eon } }]\n',
  );
  const refused = async () => (await sidecar.metric('portcullis_last_reload_successful')) === 0;
  await waitFor({ what: 'the bad file is refused', holds: refused });
  assert.equal(await statusOf('free'), 429);
  await writeFile(join(folder, 'limits', 'gateway.yaml'), limits(1000));
  await waitFor({ what: 'the larger limit is in force', holds: async () => (await statusOf('free')) === 200 });
});

test('the calls are counted by their outcome', async () => {
  assert.ok((await sidecar.metric('portcullis_ratelimit_checks_total{domain="gateway",outcome="over_limit"}')) >= 1);
  assert.ok((await sidecar.metric('portcullis_ratelimit_checks_total{domain="gateway",outcome="ok"}')) >= 3);
});

test('without the sidecar there is no way through', async () => {
  await sidecar.stop();
  assert.equal(await statusOf('free'), 503);
});
