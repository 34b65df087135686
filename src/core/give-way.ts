import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

const niceness = 5;

/** Lets calls go first where there are more threads than processors. Linux alone takes a thread for what has a priority. */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    const [thread = ''] = readlinkSync('/proc/thread-self').split('/').slice(-1);
    setPriority(Number(thread), niceness);
  } catch {
    // Then it takes its turns like all others.
  }
}
