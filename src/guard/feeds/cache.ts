import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { isObject, own } from '../../core/json.ts';
import type { DocumentFacts } from './job.ts';
import { readBounded } from './read-bounded.ts';

/** A document that was kept, and what is known of it. */
interface Kept {
  readonly facts: DocumentFacts;
  readonly bytes: Uint8Array;
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
// What stands before the document.
const headMaxBytes = 64 * 1024;

/** Keeps a document, as a whole or not at all: a line of facts, then its bytes. Throws what the file system throws. */
export function keepDocument(file: string, facts: DocumentFacts, bytes: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  const descriptor = openSync(aside, 'wx', 0o600);
  try {
    try {
      writeWhole(descriptor, Buffer.from(`${JSON.stringify({ ...facts, sha256: digestOf(bytes) })}\n`));
      writeWhole(descriptor, bytes);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(aside, file);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

/** The document that was kept; undefined when it is not what was written. Throws what the file system throws. */
export function keptDocument(file: string, maxBytes: number): Kept | undefined {
  const all = readBounded(file, maxBytes + headMaxBytes);
  const end = all?.indexOf(0x0a) ?? -1;
  if (all === undefined || end < 0) return undefined;
  const head = parsed(Buffer.from(all.subarray(0, end)).toString('utf8'));
  const bytes = all.subarray(end + 1);
  const atMs = head === undefined ? undefined : own(head, 'atMs');
  if (head === undefined || typeof atMs !== 'number' || own(head, 'sha256') !== digestOf(bytes)) return undefined;
  const textAt = (name: string): string | undefined => {
    const value = own(head, name);
    return typeof value === 'string' ? value : undefined;
  };
  return { facts: { atMs, etag: textAt('etag'), lastModified: textAt('lastModified') }, bytes };
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
