import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { answerTo } from '../../src/demo/http-answer.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { type GrpcSpan, type OtlpGrpcReceiver, startOtlpGrpcReceiver } from '../support/otlp-grpc-receiver.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.ts';
import type { AdminPage } from '../support/sidecar.ts';
import { startWatchedGateway, type WatchedGateway, type Way, ways } from '../support/watched-gateway.ts';

// One request of each way in which requests end, found everywhere by the id of its decision: it is what joins all that is told of it.
const folder = mkdtempSync(join(tmpdir(), 'portcullis-five-'));
const accessFile = join(folder, 'access.jsonl');
const adminToken = 'five-requests-0123456789abcdef0123';

/** What the access log says of each, besides who it was. */
const told = {
  allowed: { decision: 'allow', status: 200, cause: undefined },
  denied: { decision: 'deny', status: 401, cause: 'policy' },
  limited: { decision: 'deny', status: 429, cause: 'policy' },
  failedUpstream: { decision: 'allow', status: 503, cause: 'upstream' },
  neverAsked: { decision: 'unasked', status: 418, cause: 'client' },
} as const satisfies Record<Way, object>;
const decidedWays = ['allowed', 'denied', 'limited', 'failedUpstream'] as const satisfies readonly Way[];

type Line = Readonly<Record<string, unknown>>;

let collector: OtlpReceiver;
let envoyCollector: OtlpGrpcReceiver;
let gateway: WatchedGateway;
let ids: Readonly<Record<Way, string>>;
before(async () => {
  collector = await startOtlpReceiver();
  envoyCollector = await startOtlpGrpcReceiver();
  gateway = await startWatchedGateway({
    endpoint: collector.endpoint,
    grpcPort: envoyCollector.port,
    admin: '{ address: "127.0.0.1:0", token_file: admin.token }',
    files: { 'admin.token': adminToken },
    config: `access_log: { sinks: [{ file: { path: ${accessFile} } }, otlp] }`,
  });
  ids = await gateway.sendAll();
});
after(async () => {
  await gateway?.stop();
  envoyCollector?.stop();
  await collector?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What the access log has written of the last request of each way. */
async function accessLines(): Promise<ReadonlyMap<Way, Line>> {
  const found = new Map<Way, Line>();
  const holds = async (): Promise<boolean> => {
    const lines = existsSync(accessFile) ? readFileSync(accessFile, 'utf8').split('\n').slice(0, -1) : [];
    const parsed = lines.map((line): Line => JSON.parse(line));
    for (const way of ['neverAsked', ...decidedWays] as const) {
      const line = parsed.findLast((one) => one['url.path'] === ways[way].path);
      if (line !== undefined) found.set(way, line);
    }
    return found.size === 5;
  };
  await waitFor({ what: 'the access log has all five', holds });
  return found;
}

/** Envoy's span of a request itself: the first of its trace. */
const rootOf = (path: string): GrpcSpan | undefined =>
  envoyCollector.spans.findLast(
    ({ parentSpanId, attributes }) => parentSpanId === '' && attributes['url.path'] === path,
  );
const ask = (path: string): Promise<AdminPage> =>
  answerTo(
    request(`http://${gateway.sidecar.admin}${path}`, {
      agent: false,
      timeout: 5000,
      headers: { authorization: `Bearer ${adminToken}` },
    }),
  );

test('the access log names the decision, who caused what went wrong, and that nobody asked us of the fifth', async () => {
  const lines = await accessLines();
  for (const [way, line] of lines) {
    const { decision, status, cause } = told[way];
    const said = [line['portcullis.decision'], line['http.response.status_code'], line['portcullis.caused_by']];
    assert.deepEqual([way, ...said], [way, decision, status, cause]);
    assert.equal(line['portcullis.decision_id'] ?? '', ids[way]);
    assert.equal(line['portcullis.reason'], ways[way].reason);
    assert.equal(line[way === 'neverAsked' ? 'portcullis.route' : 'portcullis.rule'], ways[way].rule);
    const record = await collector.until(({ logs }) =>
      logs.find(
        ({ eventName, attributes }) =>
          eventName === 'portcullis.access' && attributes['portcullis.request.id'] === line['portcullis.request.id'],
      ),
    );
    assert.equal(record.traceId, line['trace_id']);
    assert.equal(record.attributes['portcullis.decision_id'], line['portcullis.decision_id']);
  }
});

test('the trace is the one that the access log names, and both its ends name the decision', async () => {
  const lines = await accessLines();
  for (const way of decidedWays) {
    const { path } = ways[way];
    await gateway.hurried(
      `Envoy's span of ${path}`,
      async () => rootOf(path)?.traceId === lines.get(way)?.['trace_id'],
    );
    const root = rootOf(path);
    const check = await collector.until(({ spans }) =>
      spans.find(({ attributes }) => attributes['portcullis.decision_id'] === ids[way]),
    );
    assert.deepEqual([root?.attributes['portcullis.decision_id'], check.traceId], [ids[way], root?.traceId]);
    assert.equal(check.attributes['portcullis.reason'], ways[way].reason);
  }
  const { path } = ways.neverAsked;
  await gateway.hurried(`Envoy's span of ${path}`, async () => rootOf(path) !== undefined);
  const root = rootOf(path);
  assert.equal(root?.traceId, lines.get('neverAsked')?.['trace_id']);
  assert.equal(root?.attributes['portcullis.decision_id'], undefined);
  assert.ok(!collector.spans.some(({ traceId }) => traceId === root?.traceId));
});

test('the audit has an event of each decision, in the same trace, and none of what nobody asked us', async () => {
  const lines = await accessLines();
  const events = await gateway.sidecar.audit();
  for (const way of decidedWays) {
    const [event, ...more] = events.filter(({ unmapped }) => unmapped.portcullis['decision_id'] === ids[way]);
    assert.deepEqual([way, more.length], [way, 0]);
    const { rule, reason } = ways[way];
    assert.deepEqual([event?.unmapped.portcullis['rule'], event?.unmapped.portcullis['reason']], [rule, reason]);
    const log = await collector.until(({ logs }) =>
      logs.find(({ eventName, body }) => eventName === 'portcullis.decision' && String(body).includes(ids[way])),
    );
    assert.equal(log.traceId, lines.get(way)?.['trace_id']);
  }
  assert.ok(!events.some((event) => JSON.stringify(event).includes(ways.neverAsked.path)));
});

test('metrics count each where it belongs', async () => {
  const { sidecar } = gateway;
  const expected = [
    ...decidedWays.map((way) => {
      const { rule, reason } = ways[way];
      return `portcullis_decisions_total{rule="${rule}",effect="${told[way].decision}",reason="${reason}"}`;
    }),
    ...(['denied', 'limited', 'failedUpstream', 'neverAsked'] as const).map(
      (way) => `portcullis_route_errors_total{route="${ways[way].rule}",caused_by="${told[way].cause}"}`,
    ),
    'portcullis_route_requests_total{route="open",status="2xx"}',
  ];
  for (const series of expected)
    await waitFor({ what: `${series} is counted`, holds: async () => (await sidecar.metric(series)) === 1 });
});

test('the dashboard shows each decision and explains it by its id, with its trace', async () => {
  const lines = await accessLines();
  const { decisions } = JSON.parse((await ask('/decisions?limit=1000')).body);
  for (const way of decidedWays) {
    const shown = decisions.find(({ id }: { readonly id: string }) => id === ids[way]);
    const { rule, path } = ways[way];
    assert.deepEqual([shown?.effect, shown?.rule, shown?.path], [told[way].decision, rule, path]);
    const answer = await ask(`/decisions/${ids[way]}`);
    assert.equal(answer.status, 200, answer.body);
    const [explained] = JSON.parse(answer.body).decisions;
    assert.equal(explained.trace_id, lines.get(way)?.['trace_id']);
    assert.ok(explained.steps.length > 0);
  }
  assert.ok(!decisions.some(({ path }: { readonly path: string }) => path === ways.neverAsked.path));
});
