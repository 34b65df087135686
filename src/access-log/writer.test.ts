import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anEntry } from '../../test/support/access-entries.ts';
import type { AccessEntry } from '../core/access-entry.ts';
import { silentLog } from '../core/ports.ts';
import type { AccessLogSpec } from './config.ts';
import { openWriter } from './writer.ts';

const mask = { erase: [], replace: [] };
const stdoutAlone: AccessLogSpec = { sinks: [{ kind: 'stdout', name: 'stdout' }], sample: 1, mask };

/** What a writer has written to standard output of these requests. */
async function written(spec: AccessLogSpec, entries: readonly AccessEntry[]) {
  let text = '';
  const writer = openWriter(spec, {
    origin: { serviceName: 'portcullis', version: '0', instanceId: 'a' },
    otlpEndpoint: undefined,
    stdout: async (lines) => {
      text += lines;
      return 'written';
    },
    log: silentLog,
    before: [],
  });
  for (const entry of entries) writer.take(entry);
  await writer.finish(10_000);
  const paths = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line)['portcullis.request.id']);
  return { ids: paths, counts: writer.counts() };
}
const entryAt = (id: string, status = 200): AccessEntry => {
  const entry = anEntry({ response: { status } });
  return { ...entry, request: { ...entry.request, id } };
};
const many = Array.from({ length: 1000 }, (_, at) => entryAt(`id-${at}`));

test('of what went well a share is written, the same each time, and of what went wrong all', async () => {
  const sampled = { ...stdoutAlone, sample: 0.2 };
  const { ids } = await written(sampled, many);
  assert.ok(ids.length > 150 && ids.length < 250, String(ids.length));
  assert.deepEqual((await written(sampled, many)).ids, ids);
  const { ids: errors } = await written({ ...stdoutAlone, sample: 0 }, [
    entryAt('a'),
    entryAt('b', 404),
    entryAt('c', 503),
  ]);
  assert.deepEqual(errors, ['b', 'c']);
});

test('a trace is written as a whole or not at all', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const { ids } = await written(
    { ...stdoutAlone, sample: 0.5 },
    many.slice(0, 50).map((entry) => ({ ...entry, traceId })),
  );
  assert.ok(ids.length === 0 || ids.length === 50);
});

test('OTLP without an endpoint is no sink', async () => {
  const otlp = { kind: 'otlp', name: 'otlp', endpoint: undefined } as const;
  const { counts, ids } = await written({ ...stdoutAlone, sinks: [otlp, ...stdoutAlone.sinks] }, [entryAt('a')]);
  assert.deepEqual(ids, ['a']);
  assert.deepEqual(counts, [{ sink: 'stdout', written: 1, dropped: 0, failed: 0, waiting: 0 }]);
});
