import type { WorkSpec } from './pool.ts';

/** What a thread is told. Ids are never used again. */
export type ToThread =
  | ({ readonly kind: 'learn'; readonly id: number } & WorkSpec)
  | { readonly kind: 'forget'; readonly id: number }
  | { readonly kind: 'do'; readonly id: number; readonly given: unknown; readonly budgetMs: number }
  /** It ends once it is at nothing. */
  | { readonly kind: 'end' };

/** What a thread says: learned for each learn, then done or failed for each do, one at a time. failed: it cannot be done, or not told. */
export type FromThread =
  | { readonly kind: 'learned'; readonly id: number }
  | { readonly kind: 'done'; readonly made: unknown }
  | { readonly kind: 'failed' };
