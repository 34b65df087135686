// The thread that reads one keys file and ends: see aside.ts. A hundred thousand entries take a second, and a few thousand in
// YAML take two, in which the event loop would answer nobody; what their reading leaves behind is gone with the thread.
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { readFileKeys } from '../../authn/index.ts';
import { giveWay } from '../../core/give-way.ts';
import { fileReader } from '../files/reader.ts';
import { createSourceFiles } from '../files/source-files.ts';
import type { Issue } from '../issue.ts';
import type { KeysJob, KeysReading } from './aside.ts';

giveWay();

const { file } = workerData as KeysJob; // as aside.ts gives it
const issues: Issue[] = [];
const { context } = createSourceFiles({
  baseDir: dirname(file),
  shown: file,
  document: { locate: () => ({ line: 1, col: 1 }), substituted: () => false },
  report: (issue) => issues.push(issue),
  reader: fileReader,
  cwd: process.cwd(),
});
const source = context.file(file);
if (source === undefined) parentPort?.postMessage(undefined);
else {
  const { packed, sound } = readFileKeys(source);
  const reading: KeysReading = { digest: source.digest, packed: sound ? packed : undefined, issues };
  // Moved, not copied.
  parentPort?.postMessage(reading, sound ? [packed.slots.buffer, ...packed.chunks.map(({ buffer }) => buffer)] : []);
}
