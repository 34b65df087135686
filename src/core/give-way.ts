import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

const niceness = 5;

/** Lets calls go first where there are more threads than processors; self tells which thread it is, on Linux, where a thread has a priority. */
export function giveWay(self = '/proc/thread-self'): void {
  try {
    const [thread] = readlinkSync(self).split('/').slice(-1);
    setPriority(Number(thread), niceness);
  } catch {
    // Then it takes its turns like all others.
  }
}
