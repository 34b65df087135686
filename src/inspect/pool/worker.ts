import { parentPort } from 'node:worker_threads';
import type { Subject } from '../../core/plan.ts';
import { fail, type Verdict } from '../../core/verdict.ts';
import { inspector } from '../inspector.ts';
import { inspections } from '../kinds.ts';
import { giveWay } from './give-way.ts';
import type { InspectorSpec } from './pool.ts';
import type { FromThread, ToThread } from './protocol.ts';

giveWay();

const known = new Map<number, (subject: Subject) => Verdict>();

function compile(spec: InspectorSpec): (subject: Subject) => Verdict {
  return inspector(
    spec.map(({ kind, spec: own, onFailure, mode }) => {
      const { key, compile: compileOwn } = inspections[kind];
      return { key, inspect: compileOwn(own), onFailure, mode };
    }),
  );
}

const say = (message: FromThread): void => parentPort?.postMessage(message);

parentPort?.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'learn':
      try {
        known.set(message.id, compile(message.spec));
      } catch {
        // It compiled where it was built; a payload that asks for it here gets our failure for an answer.
      }
      say({ kind: 'learned', id: message.id });
      break;
    case 'forget':
      known.delete(message.id);
      break;
    case 'inspect': {
      const inspect = known.get(message.id);
      const unknown = (): Verdict => fail('inspection_failed', { error: 'unknown inspector' });
      say({ kind: 'verdict', verdict: (inspect ?? unknown)(message.subject) });
      break;
    }
    default:
      message satisfies never;
  }
});
