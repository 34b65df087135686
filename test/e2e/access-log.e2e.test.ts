import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { withAwayAndTeapot } from '../support/access-log-routes.ts';
import { type Ingress, startIngress } from '../support/ingress.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';

const config = `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0", access_log: "127.0.0.1:0" }
limits: { few: { key: client.address, rate: 1/h } }
rules:
  - { id: open, match: { path: "/healthz" }, allow: anonymous }
  - { id: rare, match: { path: "/orders/rare" }, allow: anonymous, limits: [few] }
  - { id: away, match: { path: "/away/**" }, allow: anonymous }
`;
let sidecar: SidecarProcess;
let ingress: Ingress;
before(async () => {
  sidecar = await startSidecarProcess({ config });
  const { grpc, accessLog } = sidecar;
  ingress = await startIngress({ bootstrap: 'access-log.yaml', grpc, accessLog, edit: withAwayAndTeapot });
});
after(async () => {
  await ingress?.stop();
  await sidecar?.stop();
});

const counted = (series: string, atLeast = 1): Promise<void> =>
  waitFor({ what: `${series} is counted`, holds: async () => (await sidecar.metric(series)) >= atLeast });

test('a request is counted for its rule and its client, however it ended, and so is one that nobody asked us about', async () => {
  assert.equal((await ingress.send({ path: '/healthz' })).status, 200);
  await ingress.send({ path: '/orders/rare' });
  assert.equal((await ingress.send({ path: '/orders/rare' })).status, 429);
  assert.equal((await ingress.send({ path: '/nowhere' })).status, 403);
  assert.equal((await ingress.send({ path: '/away/1' })).status, 503);
  assert.equal((await ingress.send({ path: '/teapot' })).status, 418);

  await counted('portcullis_route_requests_total{route="open",status="2xx"}');
  await counted('portcullis_route_errors_total{route="rare",caused_by="policy"}');
  await counted('portcullis_route_errors_total{route="none",caused_by="policy"}');
  await counted('portcullis_route_errors_total{route="away",caused_by="upstream"}');
  await counted('portcullis_route_requests_total{route="teapot",status="4xx"}');
  await counted('portcullis_client_requests_total{client="127.0.0.1",status="4xx"}', 3);
  await counted('portcullis_client_request_duration_seconds_count{client="127.0.0.1"}', 6);
  assert.equal(await sidecar.metric('portcullis_access_log_messages_total{outcome="undecodable"}'), 0);
});

test('a stream without an end holds up no end of ours', async () => {
  assert.equal(await sidecar.stop(), 'exit code 0');
  assert.match(sidecar.child.output(), /"whole":true,"message":"drained"/);
});
