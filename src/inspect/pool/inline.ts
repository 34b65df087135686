import type { InspectionPool } from './pool.ts';

const budgetMs = 400;

/** No threads: every body is looked at where it is asked for. For commands that answer one question. */
export const inlinePool: InspectionPool = Object.freeze({
  inlineBytes: Number.POSITIVE_INFINITY,
  inlineBudgetMs: budgetMs,
  register: (_work, _spec, here) => async (given) => ({ kind: 'done', made: here(given, budgetMs) }),
  warm: async () => {},
  close: async () => {},
} satisfies InspectionPool);
