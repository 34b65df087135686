import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { type EventReceiver, startEventReceiver } from '../support/event-receiver.ts';
import { type Ingress, startIngress } from '../support/ingress.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';
import { type SyslogReceiver, startSyslogReceiver } from '../support/syslog-receiver.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'portcullis-audit-'));
const file = join(folder, 'audit.ndjson');

let index: EventReceiver;
let syslog: SyslogReceiver;
let sidecar: SidecarProcess;
let ingress: Ingress;
before(async () => {
  index = await startEventReceiver('elastic_bulk');
  syslog = await startSyslogReceiver();
  sidecar = await startSidecarProcess({
    config: `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }
rules:
  - { id: echo, match: { path: /echo }, allow: anonymous }
audit:
  delivery: strict
  spool: { directory: ${join(folder, 'spool')} }
  signing_key_file: audit.key
  sinks:
    - file: { path: ${file} }
    - elastic_bulk: { url: "${index.url}", index: audit, encoding: ecs }
    - syslog: { address: "127.0.0.1:${syslog.port}", ca_file: ca.pem, encoding: cef, filter: { effects: [deny] } }
`,
    files: {
      'audit.key': readFileSync(join(root, 'test/config/files/audit.key'), 'utf8'),
      'ca.pem': syslog.ca,
    },
  });
  ingress = await startIngress({ grpc: sidecar.grpc });
});
after(async () => {
  await ingress?.stop();
  await sidecar?.stop();
  await index?.stop();
  await syslog?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const audit = (...args: readonly string[]) =>
  spawnSync(process.execPath, ['src/main.ts', 'audit', ...args], { cwd: root, encoding: 'utf8' });

test('an allowed and a denied request are found by their decision id in every sink, and the chain holds to its end', async () => {
  const allowed = await ingress.send({ path: '/echo' });
  const denied = await ingress.send({ path: '/nowhere' });
  assert.deepEqual([allowed.status, denied.status], [200, 403]);
  const { decision_id: deniedId } = JSON.parse(denied.body);
  const [allowedId = ''] = JSON.parse(allowed.body).headers['x-decision-id'];
  const holds = async (): Promise<boolean> =>
    index.lines.some((line) => line.includes(deniedId)) && syslog.messages.some((line) => line.includes(deniedId));
  await waitFor({ what: 'the events arrive', holds });
  for (const [id, words] of [
    [allowedId, /outcome {6}allowed/],
    [deniedId, /reason {7}no_rule: No rule matches the request\./],
  ] as const) {
    await waitFor({ what: 'the event is in the file', holds: async () => readFileSync(file, 'utf8').includes(id) });
    const { status, stdout } = audit('show', '--decision', id, file);
    assert.equal(status, 0);
    assert.match(stdout, words);
  }
  assert.ok(syslog.messages.every((message) => message.includes('CEF:0|Portcullis|') && !message.includes(allowedId)));

  assert.equal(audit('verify', file).status, 0);
  await sidecar.stop();
  const key = ['--public-key', join(root, 'test/config/files/audit.key'), '--ended'];
  const whole = audit('verify', ...key, file);
  assert.equal(whole.status, 0, whole.stdout);
});
