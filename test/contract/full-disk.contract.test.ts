import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { type EventReceiver, startEventReceiver } from '../support/event-receiver.ts';

// A disk of one mebibyte that is full for real. It is mounted in a namespace of the process that writes, and goes with it.
const mount = 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"';
const canMount = spawnSync('unshare', ['-rm', 'sh', '-c', mount, tmpdir(), 'true']).status === 0;
const needsMount = canMount ? {} : { skip: 'this system lets nobody mount a small disk of their own' };

/** A process that records denial after denial on that disk, and tells of each: kept ID, or lost ID. */
function startWriter(folder: string, url: string): ChildProcess {
  const keys = {
    delivery: 'strict',
    spool: { directory: join(folder, 'spool') },
    sinks: [{ elastic_bulk: { url, index: 'audit', gzip: false } }],
  };
  const program = `
    import { buildAudit, createAudit } from './src/audit/index.ts';
    import { silentContext } from './src/core/build.ts';
    import { systemClock } from './src/core/clock.ts';
    import { denied, denyOf } from './test/support/trails.ts';
    const audit = createAudit({ ...buildAudit(${JSON.stringify(keys)}, silentContext), clock: systemClock, retryMs: 1 });
    for (let at = 0; ; at += 1) {
      const id = 'd' + at;
      const kept = await audit.insist(denied('authorize', 'role_missing', { decision: denyOf('role_missing', id, id) }));
      process.stdout.write((kept ? 'kept ' : 'lost ') + id + '\\n');
      if (!kept) await new Promise((resolve) => setTimeout(resolve, 5));
    }
  `;
  const node = [process.execPath, '--input-type=module', '--eval', program];
  return spawn('unshare', ['-rm', 'sh', '-c', mount, folder, ...node], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function startStage(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-disk-'));
  const receiver: EventReceiver = await startEventReceiver('elastic_bulk');
  receiver.behave(503);
  const writer = startWriter(folder, receiver.url);
  context.after(async () => {
    writer.kill('SIGKILL');
    if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
    await receiver.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const kept: string[] = [];
  let lost = 0;
  createInterface({ input: writer.stdout ?? process.stdin }).on('line', (line) => {
    const [word, id = ''] = line.split(' ');
    if (word === 'kept') kept.push(id);
    else lost += 1;
  });
  return { receiver, kept, lost: () => lost };
}

test(
  'on a full disk calls are refused until sinks have had something, and nothing that was answered is lost',
  needsMount,
  async (context) => {
    const { receiver, kept, lost } = await startStage(context);
    await waitFor({ what: 'the disk is full', holds: async () => lost() > 3 });
    const before = kept.length;
    assert.ok(before > 100, String(before));
    receiver.behave('ok');
    await waitFor({ what: 'there is room again', holds: async () => kept.length > before + 1000 });
    const idsOf = (): ReadonlySet<string> => new Set(receiver.lines.map((line) => JSON.parse(line).metadata.uid));
    const answered = [...kept];
    const holds = async (): Promise<boolean> => {
      const arrived = idsOf();
      return answered.every((id) => arrived.has(id));
    };
    await waitFor({ what: 'all that was answered has arrived', holds });
  },
);
