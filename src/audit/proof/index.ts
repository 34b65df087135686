export { readVerifyingKey } from '../signing.ts';
export { readRecord } from '../spool/record.ts';
export type { ChainReport } from './judge.ts';
export type { Line } from './link.ts';
export { type Chapter, chapterOf } from './story.ts';
export { openVerifier, type Verification } from './verify.ts';
