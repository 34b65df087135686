import type { Algorithm } from '../../core/limit.ts';
import { fixedWindow } from './fixed-window.ts';
import { slidingWindow } from './sliding-window.ts';
import { tokenBucket } from './token-bucket.ts';

/** Every way to count, by the name that a config uses. */
export const algorithms = {
  fixed_window: fixedWindow,
  sliding_window: slidingWindow,
  token_bucket: tokenBucket,
} as const satisfies Record<string, Algorithm>;

/** A name of the algorithm table. */
export type AlgorithmName = keyof typeof algorithms;
