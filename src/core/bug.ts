import { type Fail, fail } from './verdict.ts';

/** What to tell of something that was thrown: its name alone, for its message may hold what a caller sent. */
export const errorName = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

/** A bug of ours as a verdict. */
export const bug = (error: unknown): Fail => fail('internal_error', { error: errorName(error) });
