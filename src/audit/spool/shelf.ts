import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Allows are kept apart from all else, so that they can go first. */
export const lanes = Object.freeze(['allow', 'kept'] as const);

/** One of the two orders of segments. */
export type Lane = (typeof lanes)[number];

/** A file of records. */
export interface Segment {
  readonly lane: Lane;
  /** Counts the segments of a spool, over both lanes. */
  readonly number: number;
  readonly path: string;
  /** What has been written as a whole. */
  bytes: number;
  /** Whether nothing is added any more. */
  closed: boolean;
}

/** The segments of a spool, the oldest first in each lane. */
export interface Shelf {
  readonly folder: string;
  /** The number of the next segment. */
  next: number;
  readonly segments: Readonly<Record<Lane, Segment[]>>;
  /** What this process has added: how long a record is on average. */
  readonly added: { events: number; bytes: number };
}

/** A spool cannot be had; the message names its directory and why. */
export class SpoolError extends Error {
  override readonly name = 'SpoolError';

  constructor(folder: string, why: string) {
    super(`cannot use the audit spool ${folder}: ${why}`);
  }
}

const ownerOnly = 0o600;
const segmentName = /^(\d{12})-(allow|kept)\.spool$/;
const ownerName = 'owner';

/** The name of a segment's file. */
export const fileOf = (number: number, lane: Lane): string => `${String(number).padStart(12, '0')}-${lane}.spool`;

/** Takes a folder for this process and looks at what is left in it. Throws a SpoolError. */
export function openShelf(folder: string): Shelf {
  try {
    return lookInto(folder);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new SpoolError(folder, String(error.code));
  }
}

function lookInto(folder: string): Shelf {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  own(folder);
  const segments: Record<Lane, Segment[]> = { allow: [], kept: [] };
  let next = 1;
  for (const name of readdirSync(folder).toSorted()) {
    const [, digits = '', lane = ''] = segmentName.exec(name) ?? [];
    const known = lanes.find((one) => one === lane);
    if (known === undefined) continue;
    const number = Number(digits);
    const path = join(folder, name);
    segments[known].push({ lane: known, number, path, bytes: statSync(path).size, closed: true });
    next = Math.max(next, number + 1);
  }
  return { folder, next, segments, added: { events: 0, bytes: 0 } };
}

/** Gives the folder back. */
export const disown = (folder: string): void => rmSync(join(folder, ownerName), { force: true });

/** Removes a segment that nobody reads any more. Never rejects: what stays is found at the next start. */
export async function removeSegment(shelf: Shelf, segment: Segment): Promise<void> {
  const lane = shelf.segments[segment.lane];
  const at = lane.indexOf(segment);
  if (at !== -1) lane.splice(at, 1);
  await rm(segment.path, { force: true }).catch(() => {});
}

function own(folder: string): void {
  const file = join(folder, ownerName);
  const [pid = '', birth = ''] = readText(file).split(' ');
  const other = Number(pid);
  if (other > 0 && other !== process.pid && isAlive(other) && birth === birthOf(other)) {
    throw new SpoolError(folder, `process ${other} uses it, and each process needs its own`);
  }
  writeFileSync(file, `${process.pid} ${birthOf(process.pid)}`, { mode: ownerOnly });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** When a process began, in ticks of Linux: another one with its number has another birth. Empty elsewhere. */
const birthOf = (pid: number): string => readText(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[19] ?? '';

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
