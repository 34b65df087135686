import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Audit, type AuditOptions, buildAudit, createAudit } from '../../src/audit/index.ts';
import { sinks } from '../../src/audit/sinks/index.ts';
import type { BuildContext } from '../../src/core/build.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { ClosedTrail } from '../../src/core/trail.ts';
import { fileRig, type Harness, harnesses, otlpRig, type Rig } from '../support/sink-rigs.ts';
import { allowed, allowOf, denied, parentTrace, planted, plantedAttributes, trailOf } from '../support/trails.ts';

const context: BuildContext = {
  issue: (path, message) => assert.fail(`${path.join('.')}: ${message}`),
  at: () => context,
  file: (name) => {
    const bytes = readFileSync(name);
    const unsound = (): never => assert.fail(`${name} is not sound`);
    const facts = { name, digest: '', bytes, text: bytes.toString(), document: unsound };
    return { ...facts, issue: unsound, issueAt: unsound };
  },
  directory: () => [],
  place: (name) => name,
};

const opened = (rig: Rig, part: Partial<AuditOptions> = {}): Audit =>
  createAudit({
    ...buildAudit({ floods: { window: '0ms' }, sinks: [rig.entry] }, context),
    clock: systemClock,
    instanceId: 'instance-1',
    retryMs: 1,
    ...rig.options,
    ...part,
  });

/** Runs a test in the world that a harness makes, and takes that world down whatever happens. */
async function within<R extends Rig>(made: Promise<R>, use: (rig: R) => Promise<void>): Promise<void> {
  const rig = await made;
  try {
    await use(rig);
  } finally {
    await rig.stop();
  }
}

async function until(condition: () => boolean): Promise<void> {
  const endMs = performance.now() + 20_000;
  while (!condition() && performance.now() < endMs) await nextTurn();
  assert.ok(condition());
}

const record = (audit: Audit, trails: readonly ClosedTrail[]): void => {
  for (const trail of trails) audit.record(trail);
};
const many = (length: number, make: () => ClosedTrail): readonly ClosedTrail[] => Array.from({ length }, make);

for (const [name, kind] of Object.entries<Harness>(harnesses)) {
  test(`${name}: every event arrives once, in order, as one JSON object with sequence and instance`, () =>
    within(kind.ready(), async (rig) => {
      const audit = opened(rig);
      audit.lifecycle({ activity: 'start', version: 'v1' });
      record(audit, many(600, allowed));
      record(
        audit,
        many(3, () => denied('guard', 'path_malformed')),
      );
      audit.reload({ outcome: 'refused', version: undefined, previous: 'v1', trigger: 'signal' });
      await audit.flush();
      await until(() => rig.lines().length >= 605);
      const events = rig.lines().map((line) => JSON.parse(line));
      assert.deepEqual(
        events.map(({ metadata }) => metadata.sequence),
        Array.from({ length: 605 }, (_, index) => index + 1),
      );
      assert.ok(events.every(({ metadata }) => metadata.product.uid === 'instance-1'));
      await audit.close(5000);
    }));

  test(`${name}: planted secrets arrive in no form`, () =>
    within(kind.ready(), async (rig) => {
      const audit = opened(rig);
      const raw = (part: Parameters<typeof plantedAttributes>[0]) => ({ attributes: plantedAttributes(part) });
      record(audit, [
        allowed(),
        denied('identify', 'token_signature'),
        denied('identify', 'api_key_unknown'),
        denied('inspect', 'body_mismatch'),
        denied('authorize', 'claim_mismatch'),
        denied('guard', 'path_malformed', raw({ path: `https://user:${planted.token}@host/?${planted.query}` })),
        denied('guard', 'path_ambiguous', raw({ path: `/orders%3F${planted.query}` })),
        denied('guard', 'host_malformed', raw({ host: `user:${planted.apiKey}@host` })),
      ]);
      await audit.close(5000);
      assert.equal(rig.lines().length, 8);
      const text = rig.text();
      const base64 = (secret: string) => Buffer.from(secret).toString('base64');
      for (const secret of Object.values(planted)) {
        assert.ok(!text.includes(secret), secret);
        assert.ok(!text.includes(base64(secret)), secret);
        assert.ok(!text.includes(JSON.stringify(secret).slice(1, -1)), secret);
      }
    }));

  test(`${name}: what a client writes cannot forge a line`, () =>
    within(kind.ready(), async (rig) => {
      const audit = opened(rig);
      const forged = '\n{"class_uid":6003}\r\n\u2028\u0000';
      const attributes = plantedAttributes({ method: forged, host: forged, path: `/${forged}`, requestId: forged });
      const headers = new Map([['user-agent', [forged]]]);
      audit.record(denied('guard', 'path_malformed', { attributes: { ...attributes, headers } }));
      audit.record(trailOf(allowOf()));
      await audit.close(5000);
      const lines = rig.lines();
      assert.equal(lines.length, 2);
      assert.equal(JSON.parse(lines[0] ?? '').class_uid, 4002);
      assert.doesNotMatch(lines.join(''), /[\p{Cc}\p{Zl}]/u);
    }));

  test(`${name}: while it is slow nobody waits, the queue is bounded, allows go first and the gap is told`, () =>
    within(kind.slow(), async (rig) => {
      const audit = opened(rig, { bound: { events: 100, bytes: 1_000_000 } });
      record(audit, [allowed()]);
      // The first event is under way before the others come.
      for (let turn = 0; turn < 3; turn += 1) await nextTurn();
      for (let round = 0; round < 10; round += 1) {
        record(audit, many(45, allowed));
        record(
          audit,
          many(5, () => denied('authorize', 'role_missing')),
        );
        await nextTurn();
      }
      rig.release();
      await audit.flush();
      await until(() => rig.lines().length === 102);
      const events = rig.lines().map((line) => JSON.parse(line));
      const gap = events.find(({ activity_name }) => activity_name === 'Audit gap');
      assert.deepEqual([gap.count, gap.unmapped.portcullis.gap.allows], [400, 400]);
      assert.equal(events.filter(({ action_id }) => action_id === 2).length, 50);
      const sequences = events.filter((event) => event !== gap).map(({ metadata }) => metadata.sequence);
      assert.deepEqual(
        sequences,
        sequences.toSorted((a, b) => a - b),
      );
      await audit.close(5000);
    }));

  test(`${name}: close ends at its bound even if the sink is stuck`, () =>
    within(kind.slow(), async (rig) => {
      const audit = opened(rig);
      record(
        audit,
        many(3, () => denied('guard', 'path_malformed')),
      );
      await audit.close(5);
      audit.record(denied('guard', 'path_malformed'));
      rig.release();
      // What was under way is not taken back, and nothing comes after it.
      await until(() => rig.lines().length === 3);
    }));

  const { failing } = kind;
  if (failing !== undefined) {
    test(`${name}: what comes while it fails arrives once it is mended`, () =>
      within(failing(), async (rig) => {
        const audit = opened(rig);
        record(
          audit,
          many(3, () => denied('guard', 'path_malformed')),
        );
        await audit.flush();
        record(audit, many(2, allowed));
        await audit.flush();
        rig.mend();
        await audit.flush();
        await until(() => rig.lines().length >= 5);
        const sequences = rig.lines().map((line) => JSON.parse(line).metadata.sequence);
        assert.deepEqual(sequences, [1, 2, 3, 4, 5]);
        await audit.close(5000);
      }));
  }
}

test('every kind of sink has a harness', () => {
  assert.deepEqual(Object.keys(harnesses).toSorted(), Object.keys(sinks).toSorted());
});

test('otlp: records carry name, severity, class and the trace of their call', () =>
  within(otlpRig(), async (rig) => {
    const audit = opened(rig, { serviceName: 'edge', version: '1.2.3' });
    audit.record(denied('identify', 'key_set_unavailable'));
    audit.record(allowed({ trace: undefined }));
    await audit.flush();
    const [denial, allow] = rig.receiver.logs;
    assert.equal(denial?.eventName, 'portcullis.decision');
    assert.deepEqual([denial?.severityNumber, allow?.severityNumber], [17, 9]);
    assert.deepEqual([denial?.traceId, denial?.spanId], [parentTrace.traceId, parentTrace.spanId]);
    assert.equal(allow?.traceId, undefined);
    assert.equal(denial?.attributes['ocsf.class_uid'], 3002);
    assert.deepEqual([denial?.resource['service.name'], denial?.resource['service.version']], ['edge', '1.2.3']);
    await audit.close(5000);
  }));

test('otlp: a batch that the receiver refuses for good is told as a gap', () =>
  within(otlpRig(), async (rig) => {
    rig.receiver.behave(400);
    const audit = opened(rig);
    audit.record(denied('guard', 'path_malformed'));
    await audit.flush();
    rig.receiver.behave('ok');
    audit.record(denied('guard', 'path_malformed'));
    await audit.flush();
    const [gap, event] = rig.lines().map((line) => JSON.parse(line));
    assert.deepEqual([gap.count, gap.metadata.sequence, event.metadata.sequence], [1, 1, 2]);
    await audit.close(5000);
  }));

test('file: it is its owner’s alone, and a new one begins when it was renamed', () =>
  within(fileRig(), async (rig) => {
    const audit = opened(rig);
    audit.record(allowed());
    await audit.flush();
    assert.equal(statSync(rig.path).mode & 0o777, 0o600);
    rmSync(rig.path);
    audit.record(allowed());
    await audit.close(5000);
    assert.equal(rig.lines().length, 1);
  }));

test('stdout: a reader that goes away does not end the process', async () => {
  const program = `
    import { createAudit, buildAudit } from './src/audit/index.ts';
    import { systemClock } from './src/core/clock.ts';
    const context = { at: () => context };
    const audit = createAudit({ ...buildAudit(undefined, context), clock: systemClock,
      log: { info() {}, warn() {}, error: (_fields, message) => process.stderr.write(message + '\\n') } });
    process.stdin.on('data', async () => {
      audit.lifecycle({ activity: 'start', version: 'v1' });
      await audit.flush();
      audit.lifecycle({ activity: 'stop', version: 'v1' });
      await audit.close(1000);
      process.stderr.write('alive\\n');
      process.exit(0);
    });
    process.stderr.write('ready\\n');
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { cwd: process.cwd() });
  try {
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    await once(child.stderr, 'data');
    child.stdout.destroy();
    await once(child.stdout, 'close');
    child.stdin.write('go\n');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0, said);
    assert.match(said, /closed for good[\s\S]*alive/);
  } finally {
    child.kill();
  }
});
