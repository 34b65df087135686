import { randomBytes } from 'node:crypto';
import { chown, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readFailure } from './reader.ts';

/** A file was not changed; the message says why, for whoever asked for the change. */
export class FileNotChanged extends Error {
  override readonly name = 'FileNotChanged';
}

const patienceMs = 10_000;
const pauseMs = 20;
const attempts = 5;

/**
 * Changes a text file as a whole: whoever reads it meanwhile sees the old text or the new one. Changes at once come one
 * after the other, by a lock file beside it; what somebody else has written meanwhile, who knows no lock, is changed
 * instead of overwritten. edit: gets undefined where there is no file yet; what it throws ends the change.
 */
export async function changeFile(file: string, edit: (text: string | undefined) => string): Promise<void> {
  // A link stays a link: what it leads to is replaced.
  const target = await realpath(file).catch(() => file);
  const lock = `${target}.lock`;
  await take(lock);
  try {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const before = await read(target);
      const after = edit(before);
      if (after === before || (await replace(target, before, after))) return;
    }
    throw new FileNotChanged(`${file} is being written by somebody else all the time`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new FileNotChanged(`cannot change ${file}: ${readFailure(error)}`);
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<void> {
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      const handle = await open(lock, 'wx');
      await handle.writeFile(`${process.pid}\n`);
      return await handle.close();
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      if (!taken) throw new FileNotChanged(`cannot make ${lock}: ${readFailure(error)}`);
      if (performance.now() > until) {
        throw new FileNotChanged(`${lock} is there: somebody else is at the file; if nobody is, remove it`);
      }
      await pause(pauseMs);
    }
  }
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Puts a new text in the place of the file; says whether the old one still stood there. */
async function replace(file: string, before: string | undefined, after: string): Promise<boolean> {
  const temporary = join(dirname(file), `.portcullis-${randomBytes(6).toString('hex')}.tmp`);
  const status = await stat(file).catch(() => undefined);
  try {
    const handle = await open(temporary, 'wx', status?.mode ?? 0o644);
    try {
      await handle.writeFile(after);
      if (status !== undefined) await handle.chmod(status.mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // Who may read it stays as it was, where we may say so.
    if (status !== undefined) await chown(temporary, status.uid, status.gid).catch(() => {});
    if ((await read(file)) !== before) return false;
    await rename(temporary, file);
    return true;
  } finally {
    await rm(temporary, { force: true });
  }
}
