import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { withAwayAndTeapot } from '../support/access-log-routes.ts';
import { type Ingress, type IngressAnswer, startIngress } from '../support/ingress.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';

const config = (file: string, endpoint: string): string => `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0", access_log: "127.0.0.1:0" }
telemetry: { otlp: { endpoint: "${endpoint}" } }
access_log: { sinks: [stdout, { file: { path: ${JSON.stringify(file)} } }, otlp] }
limits: { few: { key: client.address, rate: 1/h } }
rules:
  - { id: open, match: { path: "/healthz" }, allow: anonymous }
  - { id: away, match: { path: "/away/**" }, allow: anonymous }
`;
const planted = { token: 'planted-bearer-token', query: 'planted-in-the-query', referer: 'planted-referer' };
const headers = { authorization: `Bearer ${planted.token}`, referer: `https://a.example/${planted.referer}` };

type Fields = Readonly<Record<string, unknown>>;

let folder: string;
let collector: OtlpReceiver;
let sidecar: SidecarProcess;
let ingress: Ingress;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-records-'));
  collector = await startOtlpReceiver();
  sidecar = await startSidecarProcess({ config: config(join(folder, 'access.jsonl'), collector.endpoint) });
  const { grpc, accessLog } = sidecar;
  ingress = await startIngress({ bootstrap: 'access-log.yaml', grpc, accessLog, edit: withAwayAndTeapot });
});
after(async () => {
  await ingress?.stop();
  await sidecar?.stop();
  await collector?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const recordsIn = (text: string): readonly Fields[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Fields => JSON.parse(line))
    .filter((record) => record['event_name'] === 'portcullis.access');
const about = (records: readonly Fields[], path: string): Fields =>
  records.find((record) => record['url.path'] === path) ?? assert.fail(`nothing is written of ${path}`);

test('an allowed, a denied, an upstream-failed and a never-asked request are found in every sink by their decision', async () => {
  const send = (path: string): Promise<IngressAnswer> =>
    ingress.send({ path: `${path}?access_token=${planted.query}`, headers });
  const allowed = await send('/healthz');
  const denied = await send('/nowhere');
  const away = await send('/away/1');
  const teapot = await send('/teapot');
  assert.deepEqual(
    [allowed, denied, away, teapot].map(({ status }) => status),
    [200, 403, 503, 418],
  );
  const written = 'portcullis_access_log_records_total';
  for (const sink of ['stdout', 'file', 'otlp']) {
    const series = `${written}{sink="${sink}",outcome="written"}`;
    await waitFor({ what: series, holds: async () => (await sidecar.metric(series)) === 4 });
    assert.equal(await sidecar.metric(`${written}{sink="${sink}",outcome="dropped"}`), 0);
  }
  const lines = recordsIn(await sidecar.stdout());
  assert.deepEqual(recordsIn(await readFile(join(folder, 'access.jsonl'), 'utf8')), lines);
  const logs = collector.logs.filter(({ eventName }) => eventName === 'portcullis.access');
  assert.deepEqual(
    logs.map(({ attributes }) => attributes),
    lines.map(({ time: _, event_name: __, ...fields }) => fields),
  );
  assert.deepEqual(
    logs.map(({ body, severityNumber }) => [body, severityNumber]),
    [
      ['GET /healthz 200', 9],
      ['GET /nowhere 403', 13],
      ['GET /away/1 503', 17],
      ['GET /teapot 418', 9],
    ],
  );

  const ended = (path: string) =>
    ['status_code', 'caused_by', 'decision', 'reason', 'rule', 'route'].map(
      (name) =>
        about(lines, path)[name === 'status_code' ? 'http.response.status_code' : `portcullis.${name}`] ?? 'none',
    );
  assert.deepEqual(ended('/healthz'), [200, 'none', 'allow', 'ok', 'open', 'none']);
  assert.deepEqual(ended('/nowhere'), [403, 'policy', 'deny', 'no_rule', 'none', 'none']);
  assert.deepEqual(ended('/away/1'), [503, 'upstream', 'allow', 'ok', 'away', 'none']);
  assert.deepEqual(ended('/teapot'), [418, 'client', 'unasked', 'none', 'none', 'teapot']);
  const decisionOf = (path: string): unknown => about(lines, path)['portcullis.decision_id'];
  assert.equal(decisionOf('/nowhere'), denied.headers['x-decision-id']);
  const audited = new Set((await sidecar.audit()).map((event) => event.unmapped.portcullis['decision_id']));
  for (const path of ['/healthz', '/nowhere', '/away/1']) assert.ok(audited.has(decisionOf(path)), path);
  assert.equal(decisionOf('/teapot'), undefined);
});

test('no query and no header is written anywhere', async () => {
  const everything = [await sidecar.stdout(), await readFile(join(folder, 'access.jsonl'), 'utf8'), ...collector.raw];
  for (const secret of Object.values(planted)) {
    assert.deepEqual(
      everything.filter((text) => text.includes(secret)),
      [],
    );
  }
});
