import { abstain } from '../../core/verdict.ts';
import type { Inspection } from '../inspection.ts';
import { protectSchema } from './options.ts';

/** Attacks in path, query, headers, cookies, body fields and file names. */
export const protectInspection: Inspection = Object.freeze({
  key: 'protect',
  schema: protectSchema,
  heavy: true,
  build: () => undefined,
  compile: () => () => abstain(),
} satisfies Inspection);
