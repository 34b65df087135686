import type { Stats } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** When a file is put aside, and how many of those stay; undefined: no bound. */
export interface Rotation {
  readonly maxBytes: number | undefined;
  readonly maxAgeMs: number | undefined;
  readonly keep: number | undefined;
}

/** Puts a file aside that would become larger, or has become older, than it may. Rejects as the file system does. */
type Rotate = (moreBytes: number, nowMs: number) => Promise<void>;

/** What keeps a file within its bounds. */
export function openRotation(path: string, rotation: Rotation): Rotate {
  const { maxBytes = Number.POSITIVE_INFINITY, maxAgeMs = Number.POSITIVE_INFINITY, keep } = rotation;
  if (rotation.maxBytes === undefined && rotation.maxAgeMs === undefined) return async () => {};
  // Network and overlay file systems may not know when a file was made: then it is as old as we know it.
  let seen: { readonly inode: number; readonly sinceMs: number } | undefined;
  const bornMs = ({ birthtimeMs, ino: inode }: Stats, nowMs: number): number => {
    if (birthtimeMs > 0) return birthtimeMs;
    if (seen?.inode !== inode) seen = { inode, sinceMs: nowMs };
    return seen.sinceMs;
  };
  return async (moreBytes, nowMs) => {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || !found.isFile() || found.size === 0) return;
    if (found.size + moreBytes <= maxBytes && nowMs - bornMs(found, nowMs) <= maxAgeMs) return;
    await rename(path, await freeName(path, nowMs));
    seen = undefined;
    if (keep !== undefined) await prune(path, keep);
  };
}

// Names that sort as their times do.
const stamp = /^\.\d{8}T\d{6}\.\d{3}Z(?:-\d{3})?(?:\.gz)?$/;

async function freeName(path: string, nowMs: number): Promise<string> {
  const name = `${path}.${new Date(nowMs).toISOString().replace(/[-:]/g, '')}`;
  const taken = new Set(await readdir(dirname(path)));
  for (let count = 0; ; count += 1) {
    const candidate = count === 0 ? name : `${name}-${String(count).padStart(3, '0')}`;
    if (!taken.has(basename(candidate))) return candidate;
  }
}

async function prune(path: string, keep: number): Promise<void> {
  const [folder, base] = [dirname(path), basename(path)];
  const old = (await readdir(folder)).filter((name) => name.startsWith(base) && stamp.test(name.slice(base.length)));
  for (const name of old.toSorted().slice(0, -keep)) await rm(join(folder, name), { force: true });
}
