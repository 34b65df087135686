import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { type CheckClient, connectCheck } from '../support/check-client.ts';
import { type EventReceiver, startEventReceiver } from '../support/event-receiver.ts';
import { type Ingress, startIngress } from '../support/ingress.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';

// Strict: a call that cannot be recorded is refused, whatever it would have been told.
const folder = mkdtempSync(join(tmpdir(), 'portcullis-strict-'));
let receiver: EventReceiver;
let sidecar: SidecarProcess;
let ingress: Ingress;
let client: CheckClient;
before(async () => {
  receiver = await startEventReceiver('elastic_bulk');
  receiver.behave(503);
  sidecar = await startSidecarProcess({
    config: `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }
rules:
  - { id: echo, match: { path: /echo }, allow: anonymous }
audit:
  delivery: strict
  spool: { directory: ${join(folder, 'spool')}, max_bytes: 1MiB }
  sinks: [{ elastic_bulk: { url: "${receiver.url}", index: audit } }]
`,
  });
  ingress = await startIngress({ grpc: sidecar.grpc });
  client = await connectCheck(sidecar.grpc);
});
after(async () => {
  client?.close();
  await ingress?.stop();
  await sidecar?.stop();
  await receiver?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('while the spool is full Envoy answers 503 with audit_unavailable, and what was let in is recorded', async () => {
  const first = await ingress.send({ path: '/echo' });
  assert.equal(first.status, 200);
  const recorded: string[] = JSON.parse(first.body).headers['x-decision-id'];
  const filled = async (): Promise<boolean> => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.check({ path: '/echo' })));
    recorded.push(...answers.filter(({ status }) => status === 200).map(({ decisionId }) => decisionId));
    return answers.some(({ reason }) => reason === 'audit_unavailable');
  };
  await waitFor({ what: 'the spool is full', holds: filled });

  for (const path of ['/echo', '/nowhere']) {
    const refused = await ingress.send({ path });
    assert.deepEqual([path, refused.status, JSON.parse(refused.body).reason], [path, 503, 'unavailable']);
  }
  const refusals = 'portcullis_decisions_total{rule="echo",effect="deny",reason="audit_unavailable"}';
  assert.ok((await sidecar.metric(refusals)) > 0);

  receiver.behave('ok');
  const again = async (): Promise<boolean> => (await ingress.send({ path: '/echo' })).status === 200;
  await waitFor({ what: 'calls are let in again', holds: again });
  const holds = async (): Promise<boolean> => {
    const all = receiver.lines.join('\n');
    return recorded.every((id) => all.includes(id));
  };
  await waitFor({ what: 'everything that was let in has arrived', holds });
});
