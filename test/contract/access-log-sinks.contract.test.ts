import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import type { AccessLogSpec, SinkSpec } from '../../src/access-log/config.ts';
import { openWriter } from '../../src/access-log/writer.ts';
import { listenForAccessLog } from '../../src/cli/access-log/host.ts';
import type { AccessEntry } from '../../src/core/access-entry.ts';
import { type AccessLogCounts, type Log, silentLog } from '../../src/core/ports.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { openStream } from '../../src/sinks/stream.ts';
import { anEntry } from '../support/access-entries.ts';
import { accessMessages } from '../support/access-messages.ts';
import { methodOf, officialClient } from '../support/official-client.ts';
import { startOtlpReceiver } from '../support/otlp-receiver.ts';
import { official } from '../support/transport.ts';

/** The outer world of one kind of sink. */
interface Rig {
  readonly sink: SinkSpec;
  readonly stdout?: Writable;
  /** The request ids of the records that arrived. */
  ids(): readonly unknown[];
  /** Makes it fail, or take everything again; undefined: a failure is for good. */
  readonly fail: ((failing: boolean) => void) | undefined;
}

const idsIn = (text: string): readonly unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line)['portcullis.request.id']);

const rigs: Readonly<Record<SinkSpec['kind'], (context: TestContext) => Promise<Rig>>> = {
  stdout: async () => {
    let text = '';
    const stdout = new Writable({
      write: (chunk, _encoding, done) => {
        text += chunk;
        done();
      },
    });
    return { sink: { kind: 'stdout', name: 'stdout' }, stdout, ids: () => idsIn(text), fail: undefined };
  },
  file: async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-access-'));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'logs', 'access.jsonl');
    mkdirSync(dirname(path));
    const target = { path, rotation: { maxBytes: undefined, maxAgeMs: undefined, keep: undefined } };
    return {
      sink: { kind: 'file', name: 'file', target },
      ids: () => idsIn(readFileSync(path, 'utf8')),
      fail: (failing) => {
        rmSync(dirname(path), { recursive: true, force: true });
        // A file stands where the folder should be.
        if (failing) writeFileSync(dirname(path), '');
        else mkdirSync(dirname(path));
      },
    };
  },
  otlp: async (context) => {
    const receiver = await startOtlpReceiver();
    context.after(() => receiver.stop());
    return {
      sink: { kind: 'otlp', name: 'otlp', endpoint: receiver.endpoint },
      ids: () => receiver.logs.map(({ attributes }) => attributes['portcullis.request.id']),
      fail: (failing) => receiver.behave(failing ? 404 : 'ok'),
    };
  },
};

const specOf = (sink: SinkSpec): AccessLogSpec => ({ sinks: [sink], sample: 1, mask: { erase: [], replace: [] } });
const origin = { serviceName: 'portcullis', version: '0', instanceId: 'a' };
const opened = ({ sink, stdout = new Writable() }: Rig, log: Log = silentLog) =>
  openWriter(specOf(sink), {
    origin,
    otlpEndpoint: undefined,
    stdout: openStream(stdout),
    log,
    before: [],
  });
const entry = (id: string): AccessEntry => ({ ...anEntry(), request: { ...anEntry().request, id } });
const wanted = Array.from({ length: 1500 }, (_, at) => `id-${at}`);

for (const [kind, start] of Object.entries(rigs)) {
  test(`${kind}: every record arrives, in its order, and what waits is written at the end`, async (context) => {
    const rig = await start(context);
    const writer = opened(rig);
    for (const id of wanted) writer.take(entry(id));
    await writer.finish(30_000);
    assert.deepEqual(rig.ids(), wanted);
    assert.deepEqual(writer.counts(), [{ sink: kind, written: wanted.length, dropped: 0, failed: 0, waiting: 0 }]);
  });

  test(`${kind}: what came while it was away arrives once it is back`, async (context) => {
    const rig = await start(context);
    if (rig.fail === undefined) return context.skip('nobody reads it any more: that is for good');
    rig.fail(true);
    let warnings = 0;
    const warn = (): void => {
      warnings += 1;
    };
    const writer = opened(rig, { ...silentLog, warn });
    for (const id of wanted.slice(0, 10)) writer.take(entry(id));
    await waitFor({ what: 'it is tried', holds: async () => warnings === 1 });
    assert.equal(writer.counts()[0]?.waiting, 10);
    rig.fail(false);
    await waitFor({ what: 'it is written', holds: async () => writer.counts()[0]?.written === 10 });
    assert.deepEqual(rig.ids(), wanted.slice(0, 10));
    await writer.finish(30_000);
  });

  test(`${kind}: the thread writes what Envoy has told before it ends`, async (context) => {
    const rig = await start(context);
    const told: AccessLogCounts[] = [];
    const listener = await listenForAccessLog(
      {
        address: '127.0.0.1:0',
        tls: undefined,
        transport: 'grpc-js',
        writes: specOf(rig.sink),
        origin,
        otlpEndpoint: undefined,
      },
      { log: silentLog, signals: { accessLogged: (counts) => void told.push(counts) } },
      rig.stdout && { stdout: rig.stdout },
    );
    const name = 'envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs';
    const client = officialClient(official, listener.address);
    context.after(() => client.close());
    const stream = client.exchange(name);
    const { requestDeserialize } = methodOf(official, name);
    for (const message of accessMessages(5, 20)) await stream.send(requestDeserialize(message));
    stream.end();
    assert.deepEqual((await stream.answers.next()).value, {});
    assert.equal(await listener.drain(30_000), true);
    assert.deepEqual(told.at(-1)?.records, [{ sink: kind, written: 100, dropped: 0, failed: 0, waiting: 0 }]);
    assert.equal(new Set(rig.ids()).size, 100);
  });
}
