import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { buildAudit, createAudit } from '../../src/audit/index.ts';
import { openVerifier } from '../../src/audit/proof/index.ts';
import { silentContext } from '../../src/core/build.ts';
import { systemClock } from '../../src/core/clock.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { type EventReceiver, startEventReceiver } from '../support/event-receiver.ts';
import { denied } from '../support/trails.ts';

interface Stage {
  readonly folder: string;
  readonly file: string;
  readonly receiver: EventReceiver;
  readonly keys: Parameters<typeof buildAudit>[0];
}

async function stageOf(context: TestContext): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-kill-'));
  const receiver = await startEventReceiver('elastic_bulk');
  context.after(async () => {
    await receiver.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, 'audit.ndjson');
  const keys: Stage['keys'] = {
    delivery: 'strict',
    spool: { directory: join(folder, 'spool') },
    sinks: [{ file: { path: file } }, { elastic_bulk: { url: receiver.url, index: 'audit', gzip: false } }],
  };
  return { folder, file, receiver, keys };
}

/** A process that records denial after denial, each written to its standard output once it is recorded for good. */
function startChild(keys: Stage['keys'], round: number): ChildProcess {
  const program = `
    import { buildAudit, createAudit } from './src/audit/index.ts';
    import { silentContext } from './src/core/build.ts';
    import { systemClock } from './src/core/clock.ts';
    import { denied, denyOf } from './test/support/trails.ts';
    const audit = createAudit({ ...buildAudit(${JSON.stringify(keys)}, silentContext), clock: systemClock, retryMs: 1 });
    for (let at = 0; ; at += 1) {
      const ids = [0, 1, 2].map((part) => '${round}-' + at + '-' + part);
      const kept = await Promise.all(
        ids.map((id) => audit.insist(denied('authorize', 'role_missing', { decision: denyOf('role_missing', id, id) }))),
      );
      process.stdout.write(ids.filter((_, index) => kept[index]).join('\\n') + '\\n');
    }
  `;
  return spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Numbers from 0 to 1, the same at each run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test('kill -9 at random moments: what was recorded arrives at every sink, and chains hold', async (context) => {
  const { folder, file, receiver, keys } = await stageOf(context);
  const random = seeded(20_261_122);
  const recorded = new Set<string>();
  for (let round = 0; round < 5; round += 1) {
    receiver.behave(random() < 0.5 ? 503 : 'ok');
    const child = startChild(keys, round);
    try {
      let left = Math.ceil(random() * 400);
      for await (const id of createInterface({ input: child.stdout ?? process.stdin })) {
        recorded.add(id);
        left -= 1;
        if (left === 0) child.kill('SIGKILL');
      }
      await (child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined);
    } finally {
      child.kill('SIGKILL');
    }
  }
  receiver.behave('ok');
  const audit = createAudit({ ...buildAudit(keys, silentContext), clock: systemClock, retryMs: 1 });
  const idsOf = (lines: readonly string[]): readonly string[] => lines.map((line) => JSON.parse(line).metadata.uid);
  const fileIds = (): readonly string[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => /^\{"metadata":\{"version":"1.8.0","uid":"([^"]+)".*\}$/.exec(line)?.[1] ?? []);
  const holds = async (): Promise<boolean> => {
    await audit.flush();
    const [inFile, inIndex] = [new Set(fileIds()), new Set(idsOf(receiver.lines))];
    return [...recorded].every((id) => inFile.has(id) && inIndex.has(id));
  };
  await waitFor({ what: 'every sink has all', holds });
  await audit.close(5000);
  assert.ok(recorded.size > 100, String(recorded.size));
  // An index has each of them once: what comes twice has the same id.
  assert.equal(new Set(idsOf(receiver.lines)).size, receiver.lines.length);
  const verifier = openVerifier();
  for (const [index, text] of readFileSync(file, 'utf8').split('\n').slice(0, -1).entries()) {
    verifier.add({ file, number: index + 1, text, ended: true });
  }
  const { chains, faults } = verifier.end({ key: undefined, partial: false, ended: false });
  assert.deepEqual(
    chains.map(({ fault }) => fault),
    chains.map(() => undefined),
  );
  assert.ok(faults.every(({ code }) => code === 'torn'));
  const left = readdirSync(join(folder, 'spool')).filter((name) => name.endsWith('.spool'));
  assert.ok(left.reduce((sum, name) => sum + statSync(join(folder, 'spool', name)).size, 0) < 4_000_000);
});

test('a sink that flaps, refuses some and is slow holds nobody up and gets all', async (context) => {
  const { receiver, keys } = await stageOf(context);
  const audit = createAudit({ ...buildAudit(keys, silentContext), clock: systemClock, retryMs: 1 });
  const random = seeded(7);
  const judge = (): number => (random() < 0.3 ? 429 : 201);
  for (let at = 0; at < 300; at += 1) {
    receiver.behave(at % 3 === 0 ? judge : at % 3 === 1 ? 503 : 'ok');
    assert.equal(await audit.insist?.(denied('authorize', 'role_missing')), true);
  }
  receiver.behave(judge);
  const holds = async (): Promise<boolean> => {
    await audit.flush();
    return receiver.lines.length === 300;
  };
  await waitFor({ what: 'all have arrived', holds });
  await audit.close(5000);
});
