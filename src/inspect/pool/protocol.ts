import type { Subject } from '../../core/plan.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { InspectorSpec } from './pool.ts';

/** What a thread is told. Ids are never used again. */
export type ToThread =
  | { readonly kind: 'learn'; readonly id: number; readonly spec: InspectorSpec }
  | { readonly kind: 'forget'; readonly id: number }
  | { readonly kind: 'inspect'; readonly id: number; readonly subject: Subject };

/** What a thread says: learned for each learn, then a verdict for each inspect, one at a time. */
export type FromThread =
  | { readonly kind: 'learned'; readonly id: number }
  | { readonly kind: 'verdict'; readonly verdict: Verdict };
