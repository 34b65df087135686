import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

const longestChain = 40;

/**
 * What tells one state of a path from another: where its links lead and the file's identity, size and times; of a
 * directory the names in it that have no dot in front. "gone" when nothing can be seen.
 */
export async function signatureOf(path: string): Promise<string> {
  try {
    const [real, status] = await Promise.all([realpath(path), stat(path, { bigint: true })]);
    const { dev, ino, size, mtimeNs, ctimeNs } = status;
    if (!status.isDirectory()) return [real, dev, ino, size, mtimeNs, ctimeNs].join('|');
    const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
    return [real, ...names].join('|');
  } catch {
    return 'gone';
  }
}

/** The first link on the way from the root to the path, and the path that it stands for; undefined when there is none. */
async function firstLink(path: string): Promise<{ readonly at: string; readonly to: string } | undefined> {
  const parts = path.split('/').slice(1);
  for (const index of parts.keys()) {
    const at = `/${parts.slice(0, index + 1).join('/')}`;
    const status = await lstat(at).catch(() => undefined);
    if (status === undefined) return undefined;
    if (!status.isSymbolicLink()) continue;
    return { at, to: resolve(dirname(at), await readlink(at), ...parts.slice(index + 1)) };
  }
  return undefined;
}

/**
 * The directories in which a change can mean another content of the path: the one that holds it, and the one of every
 * link on the way, as in `config.yaml -> ..data/config.yaml` and `..data -> ..2027_01_31`.
 */
export async function directoriesOf(path: string): Promise<ReadonlySet<string>> {
  const directories = new Set<string>();
  let current = resolve(path);
  for (let hops = 0; hops < longestChain; hops += 1) {
    directories.add(dirname(current));
    const link = await firstLink(current).catch(() => undefined);
    if (link === undefined) break;
    directories.add(dirname(link.at));
    current = link.to;
  }
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory()) directories.add(current);
  return directories;
}
