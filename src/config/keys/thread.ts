// The thread that reads one keys file and ends: see aside.ts. A hundred thousand entries take a second, and a few thousand in
// YAML take two, in which the event loop would answer nobody; what their reading leaves behind is gone with the thread.
import { parentPort, workerData } from 'node:worker_threads';
import { readFileKeys } from '../../authn/index.ts';
import { giveWay } from '../../core/give-way.ts';
import { openLoneFile } from '../aside/lone-file.ts';
import type { KeysJob, KeysReading } from './aside.ts';

giveWay();

const { file } = workerData as KeysJob; // as aside.ts gives it
const { source, issues } = openLoneFile(file);
if (source === undefined) parentPort?.postMessage(undefined);
else {
  const { packed, sound } = readFileKeys(source);
  const reading: KeysReading = { digest: source.digest, packed: sound ? packed : undefined, issues };
  // Moved, not copied.
  parentPort?.postMessage(reading, sound ? [packed.slots.buffer, ...packed.chunks.map(({ buffer }) => buffer)] : []);
}
