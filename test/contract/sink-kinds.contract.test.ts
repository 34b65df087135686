import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Audit, type AuditOptions, buildAudit, createAudit } from '../../src/audit/index.ts';
import { openVerifier } from '../../src/audit/proof/index.ts';
import { type BuildContext, silentContext } from '../../src/core/build.ts';
import { systemClock } from '../../src/core/clock.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { createAuthority } from '../support/certificates.ts';
import { fileRig, harnesses, httpRig, type Rig, syslogRig } from '../support/sink-rigs.ts';
import { startSyslogReceiver } from '../support/syslog-receiver.ts';
import { allowed, denied, planted } from '../support/trails.ts';

const context: BuildContext = {
  ...silentContext,
  issue: (path, message) => assert.fail(`${path.join('.')}: ${message}`),
  at: () => context,
  file: (name) => {
    const bytes = readFileSync(name);
    const facts = { name, digest: '', bytes, text: bytes.toString(), document: () => undefined };
    return { ...facts, issue: (_, message) => assert.fail(message), issueAt: () => {} };
  },
};

const opened = ({ entry, options }: Pick<Rig, 'entry' | 'options'>, part: Partial<AuditOptions> = {}): Audit =>
  createAudit({
    ...buildAudit({ floods: { window: '0ms' }, sinks: [entry] }, context),
    clock: systemClock,
    instanceId: 'instance-1',
    retryMs: 1,
    ...options,
    ...part,
  });

/** A rig that is taken down with its test. */
async function held<R extends Rig>(test: TestContext, made: Promise<R>): Promise<R> {
  const rig = await made;
  test.after(() => rig.stop());
  return rig;
}

const split = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');
const deny = (audit: Audit, times = 1): void => {
  for (let at = 0; at < times; at += 1) audit.record(denied('authorize', 'role_missing'));
};

test('file: it is put aside by size, so many are kept, and the chain goes over all of them', async (test) => {
  const rig = await held(test, fileRig());
  const audit = opened({ entry: { file: { path: rig.path, max_bytes: '8KiB', keep: 2 } }, options: {} });
  for (let round = 0; round < 6; round += 1) {
    deny(audit, 2);
    await audit.flush();
  }
  // A batch that is larger than a file goes into several.
  deny(audit, 12);
  await audit.close(5000);
  const folder = join(rig.path, '..');
  const files = readdirSync(folder).toSorted();
  assert.equal(files.length, 3);
  const verifier = openVerifier();
  for (const name of files) {
    const { size, mode } = statSync(join(folder, name));
    assert.ok(size <= 8192);
    assert.equal(mode & 0o777, 0o600);
    for (const [index, text] of split(readFileSync(join(folder, name), 'utf8')).entries()) {
      verifier.add({ file: name, number: index + 1, text, ended: true });
    }
  }
  const { chains, faults } = verifier.end({ key: undefined, partial: true, ended: false });
  assert.deepEqual([chains.length, chains[0]?.fault, chains[0]?.last, faults], [1, undefined, 24, []]);
});

test('file: it is put aside by age', async (test) => {
  const rig = await held(test, fileRig());
  let ahead = 0;
  const clock = { ...systemClock, nowMs: () => Date.now() + ahead };
  const audit = opened({ entry: { file: { path: rig.path, max_age: '1h' } }, options: {} }, { clock });
  for (ahead of [0, 60_000, 3_700_000]) {
    deny(audit);
    await audit.flush();
  }
  await audit.close(5000);
  const files = readdirSync(join(rig.path, '..')).map((name) =>
    split(readFileSync(join(rig.path, '..', name), 'utf8')),
  );
  assert.deepEqual(files.map(({ length }) => length).toSorted(), [1, 2]);
});

test('file: a line that a killed process left torn is ended', async (test) => {
  const rig = await held(test, fileRig());
  appendFileSync(rig.path, '{"metadata":{"ver');
  const audit = opened(rig);
  deny(audit, 2);
  await audit.close(5000);
  assert.deepEqual(
    rig.lines().map((line) => line.endsWith('}}}}')),
    [false, true, true],
  );
});

test('syslog: each message is RFC 5424, with its octets counted', async (test) => {
  const rig = await held(test, syslogRig({ facility: 10 }));
  const audit = opened(rig, { version: '1.2.3' });
  audit.record(allowed());
  audit.record(denied('identify', 'key_set_unavailable'));
  await audit.close(5000);
  const [allow = '', failure = ''] = rig.receiver.messages;
  const header =
    /^<86>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [!-~]+ portcullis \d+ portcullis\.decision \[origin software="Portcullis" swVersion="1\.2\.3"\]\[meta sequenceId="1"\] \{"metadata"/;
  assert.match(allow, header);
  assert.match(failure, /^<83>1 /);
});

test('syslog: a connection that breaks is made anew, and nobody unproven gets anything', async (test) => {
  const rig = await held(test, syslogRig());
  const audit = opened(rig);
  deny(audit);
  await audit.flush();
  await waitFor({ what: 'the first arrives', holds: async () => rig.lines().length === 1 });
  rig.receiver.behave('refuse');
  await audit.flush();
  deny(audit);
  await audit.flush();
  rig.receiver.behave('ok');
  await audit.flush();
  deny(audit);
  await audit.close(5000);
  assert.equal(new Set(rig.lines()).size >= 2, true);

  const stranger = await held(test, syslogRig());
  const wrong = opened({ ...stranger, entry: { syslog: { address: `127.0.0.1:${stranger.receiver.port}` } } });
  deny(wrong);
  await wrong.flush();
  await wrong.close(50);
  const named = opened({ ...stranger, entry: { syslog: { ...stranger.entry.syslog, server_name: 'other.example' } } });
  deny(named);
  await named.flush();
  await named.close(50);
  assert.equal(stranger.lines().length, 0);
});

test('syslog: a receiver that asks for our certificate gets it', async (test) => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-syslog-'));
  const authority = await createAuthority();
  const { cert, key } = await authority.issue('gateway');
  const receiver = await startSyslogReceiver(authority.ca);
  test.after(async () => {
    await receiver.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const files = { ca_file: receiver.ca, cert_file: cert, key_file: key };
  const named = Object.entries(files).map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    return [name, join(folder, name)] as const;
  });
  const entry = { syslog: { address: `127.0.0.1:${receiver.port}`, ...Object.fromEntries(named) } };
  const audit = opened({ entry, options: {} });
  deny(audit);
  await audit.close(5000);
  assert.equal(receiver.messages.length, 1);
});

for (const [kind, scheme] of [
  ['webhook', 'Bearer'],
  ['splunk_hec', 'Splunk'],
  ['elastic_bulk', 'ApiKey'],
] as const) {
  test(`${kind}: bodies are packed and authorized, and Retry-After is kept`, async (test) => {
    const rig = await held(test, httpRig(kind));
    rig.receiver.behave({ status: 429, headers: { 'retry-after': '3600' } });
    const audit = opened(rig);
    deny(audit);
    await audit.flush();
    deny(audit);
    assert.equal(rig.receiver.raw.length, 1);
    const [headers] = rig.receiver.headers;
    assert.equal(headers?.authorization, `${scheme} receiver-token`);
    assert.equal(headers?.['content-encoding'], 'gzip');
    rig.receiver.behave('ok');
    // Whoever flushes asks again at once.
    await audit.flush();
    await audit.close(5000);
    assert.equal(rig.lines().length, 2);
  });
}

test('webhook: a batch is an array where that is wanted', async (test) => {
  const rig = await held(test, httpRig('webhook', { body: 'array', gzip: false }));
  const audit = opened(rig);
  deny(audit, 3);
  await audit.close(5000);
  assert.equal(rig.lines().length, 3);
  assert.match(rig.receiver.raw[0] ?? '', /"content-type":"application\/json"/);
});

test('splunk_hec: the envelope has the time and the instance, and the event is as it was sealed', async (test) => {
  const rig = await held(test, httpRig('splunk_hec', { index: 'gateway', sourcetype: 'ocsf' }));
  const audit = opened(rig);
  deny(audit, 2);
  await audit.close(5000);
  const { time, host, source, sourcetype, index } = JSON.parse(rig.receiver.raw[0]?.split('\n')[1] ?? '');
  assert.deepEqual(
    { time, host, source, sourcetype, index },
    { time: 1_795_320_000.123, host: 'instance-1', source: 'portcullis', sourcetype: 'ocsf', index: 'gateway' },
  );
  const verifier = openVerifier();
  for (const [index, text] of rig.lines().entries()) verifier.add({ file: 'f', number: index + 1, text, ended: true });
  assert.equal(verifier.end({ key: undefined, partial: false, ended: false }).chains[0]?.fault, undefined);
});

test('elastic_bulk: each item is judged by itself, and what is there already is no fault', async (test) => {
  const rig = await held(test, httpRig('elastic_bulk'));
  let tries = 0;
  rig.receiver.behave((line) => {
    tries += 1;
    const { activity_name, metadata } = JSON.parse(line);
    if (activity_name === undefined && metadata.sequence === 2) return 400;
    return tries < 6 ? 429 : 201;
  });
  const audit = opened(rig);
  deny(audit, 4);
  const holds = async (): Promise<boolean> => {
    await audit.flush();
    return rig.lines().length >= 3;
  };
  await waitFor({ what: 'all but one arrive', holds });
  deny(audit);
  await audit.close(5000);
  const events = rig.lines().map((line) => JSON.parse(line));
  const gap = events.find(({ activity_name }) => activity_name === 'Audit gap');
  assert.deepEqual([gap.count, gap.unmapped.portcullis.gap.first_sequence], [1, 2]);
  assert.deepEqual(
    events
      .filter((event) => event !== gap)
      .map(({ metadata }) => metadata.sequence)
      .toSorted(),
    [1, 3, 4, 5],
  );
});

const mask = { erase: ['/http_request/user_agent', '/nowhere'], replace: ['/src_endpoint/ip', '/actor/user/uid'] };

for (const [name, kind] of Object.entries(harnesses)) {
  for (const encoding of name === 'elastic_bulk' ? (['ocsf', 'ecs'] as const) : (['ocsf', 'ecs', 'cef'] as const)) {
    test(`${name}: as ${encoding}, masked and filtered, nothing arrives that should not`, async (test) => {
      const rig: Rig = await held<Rig>(test, kind.ready());
      const plain = typeof rig.entry === 'string' ? { [rig.entry]: {} } : rig.entry;
      const [[sink, options] = ['', {}]] = Object.entries(plain);
      const filter = { effects: ['deny'], min_severity: 'low' };
      const audit = opened({ ...rig, entry: { [sink]: { ...options, encoding, filter, mask } } });
      audit.record(allowed());
      audit.record(denied('authorize', 'role_missing'));
      audit.record(denied('inspect', 'body_mismatch'));
      audit.lifecycle({ activity: 'stop', version: 'v1' });
      await audit.close(5000);
      assert.equal(rig.lines().length, 2);
      const text = rig.text();
      for (const secret of [...Object.values(planted), '203.0.113.7', 'curl/8.9'])
        assert.ok(!text.includes(secret), secret);
      if (encoding === 'ocsf') {
        const { erased, masked } = JSON.parse(rig.lines()[0] ?? '').unmapped.portcullis;
        assert.deepEqual([erased, masked], [['/http_request/user_agent'], mask.replace]);
      }
    });
  }
}
