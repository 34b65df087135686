// The thread that reads one OpenAPI document, compiles every schema of it and ends: see aside.ts. A megabyte takes four seconds,
// in which the event loop would answer nobody. Functions cannot be handed over: those who answer calls compile a sound document
// again, each schema when they first need it.
import { parentPort, workerData } from 'node:worker_threads';
import { giveWay } from '../../core/give-way.ts';
import { openContract, sharedJson } from '../../inspect/index.ts';
import { openLoneFile } from '../aside/lone-file.ts';
import type { ContractJob, ContractReading } from './aside.ts';

giveWay();

const { file, basePaths } = workerData as ContractJob; // as aside.ts gives it
const { source, issues } = openLoneFile(file);
if (source === undefined) parentPort?.postMessage(undefined);
else {
  const { digest } = source;
  const document = source.document();
  const json = document === undefined ? undefined : sharedJson(document);
  if (json !== undefined) for (const basePath of basePaths) openContract({ digest, json, basePath }, source.issue);
  const reading: ContractReading = { digest, json: issues.length === 0 ? json : undefined, issues };
  parentPort?.postMessage(reading);
}
