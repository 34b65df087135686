import { parentPort, workerData } from 'node:worker_threads';
import { giveWay } from '../../core/give-way.ts';
import { showNativeCode } from '../attacks/engines/native-code.ts';
import { makers } from './makers.ts';
import type { WorkSpec } from './pool.ts';
import type { FromThread, ToThread } from './protocol.ts';

giveWay();
// What thread.ts gives.
showNativeCode(workerData as Int32Array);

type DoAny = (given: unknown, budgetMs: number) => unknown;
const known = new Map<number, DoAny>();

// What is given was given to a register of the same kind.
const make = ({ work, spec }: WorkSpec): DoAny => (makers[work] as (spec: unknown) => DoAny)(spec);

const say = (message: FromThread): void => parentPort?.postMessage(message);

parentPort?.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'learn':
      try {
        known.set(message.id, make(message));
      } catch {
        // It compiled where it was built; a body that asks for it here gets our failure for an answer.
      }
      say({ kind: 'learned', id: message.id });
      break;
    case 'forget':
      known.delete(message.id);
      break;
    case 'do':
      try {
        const work = known.get(message.id);
        say(work === undefined ? { kind: 'failed' } : { kind: 'done', made: work(message.given, message.budgetMs) });
      } catch {
        say({ kind: 'failed' });
      }
      break;
    case 'end':
      // Of a worker this ends the thread alone.
      process.exit();
      break;
    default:
      message satisfies never;
  }
});
