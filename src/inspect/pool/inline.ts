import type { InspectionPool } from './pool.ts';

/** No threads: every payload is looked at where it is asked for. For commands that answer one question. */
export const inlinePool: InspectionPool = Object.freeze({
  inlineBytes: Number.POSITIVE_INFINITY,
  register: (_spec, here) => async (subject) => ({ kind: 'verdict', verdict: here(subject) }),
  warm: async () => {},
  close: async () => {},
} satisfies InspectionPool);
