import type { Worker } from 'node:worker_threads';
import type { Door } from '../attacks/engines/native-code.ts';

// What is done in native code at once is done well within it, unless processors are few and busy.
const mostExitMs = 2000;
const againMs = 20;

const doors = new Set<Door>();

// The process ends its threads wherever they are.
function barAll(): void {
  const endMs = performance.now() + mostExitMs;
  for (const door of doors) door.bar();
  for (const door of doors) door.barAndWait(Math.max(0, endMs - performance.now()));
}

/** Keeps the end of the process from cutting a thread off within native code, until that is taken back. */
export function guardExit(door: Door): () => void {
  if (doors.size === 0) process.on('exit', barAll);
  doors.add(door);
  return () => {
    doors.delete(door);
    if (doors.size === 0) process.off('exit', barAll);
  };
}

/** Cuts a thread off, as soon as it is not in native code. */
export function cutOffWith(worker: Pick<Worker, 'terminate'>, door: Door): () => void {
  const cutOff = (): void => {
    if (door.bar()) void worker.terminate();
    else setTimeout(cutOff, againMs);
  };
  return cutOff;
}
