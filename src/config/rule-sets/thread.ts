// The thread that reads a directory of rules and ends: see aside.ts. The Core Rule Set takes a second or more, in which the
// event loop would answer nobody. What comes of it is plain data, but for what engines compile: those who answer calls do that
// a step at a time.
import { parentPort, workerData } from 'node:worker_threads';
import { giveWay } from '../../core/give-way.ts';
import { readCrsFar } from '../../inspect/index.ts';
import { openLoneFile } from '../aside/lone-file.ts';
import type { RulesJob } from './aside.ts';

giveWay();

const { files, paranoia } = workerData as RulesJob; // as aside.ts gives it
const sources = files.flatMap((file) => openLoneFile(file).source ?? []);
parentPort?.postMessage(readCrsFar(sources, paranoia));
