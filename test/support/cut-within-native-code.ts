// A process whose thread is in native code nearly all the time, and is cut off, or left to the end of the process.
// node test/support/cut-within-native-code.ts terminate | exit
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { waitFor } from '../../src/envoy/condition.ts';
import { nativeEngine } from '../../src/inspect/attacks/engines/native.ts';
import { openDoor, showNativeCode } from '../../src/inspect/attacks/engines/native-code.ts';
import { cutOffWith, guardExit } from '../../src/inspect/pool/cut-off.ts';

/** What it ends with when nothing has gone wrong. */
const wellEnded = 7;

async function cut(): Promise<void> {
  const door = openDoor();
  const worker = new Worker(new URL(import.meta.url), { workerData: door.shared });
  // It finds itself barred.
  worker.on('error', () => {});
  await waitFor({ what: 'the thread was in native code', holds: async () => Atomics.load(door.shared, 0) === 1 });
  if (process.argv[2] === 'exit') guardExit(door);
  else {
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    cutOffWith(worker, door)();
    await ended;
  }
  process.exit(wellEnded);
}

function look(shared: Int32Array): void {
  const { compiled } = nativeEngine.compile([{ operator: { kind: 'xss' }, all: true }]);
  const texts = Array.from({ length: 500 }, () => '<x1+'.repeat(1000));
  const looks = [{ probe: 0, texts: [...texts.keys()] }];
  showNativeCode(shared);
  for (;;) compiled.run(texts, looks, 60_000);
}

if (isMainThread) await cut();
// What cut has given.
else look(workerData as Int32Array);
