import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditEvent } from '../ocsf.ts';
import { writeRecord } from './record.ts';
import { fileOf, type Lane, lanes, type Segment, type Shelf } from './shelf.ts';

/** When what was written is forced to disk: after each batch, every second, or when the system likes. */
export type SyncPolicy = 'always' | 'interval' | 'never';

/** Adds records to the segments of a shelf. */
export interface Writer {
  /** Writes events in their order; gives those that could not be written. Never rejects. */
  append<T extends { readonly event: AuditEvent }>(items: readonly T[]): Promise<ReadonlySet<T>>;
  /** Adds nothing to a segment any more. */
  close(segment: Segment): Promise<void>;
  end(): Promise<void>;
}

interface WriterOptions {
  readonly maxBytes: number;
  readonly sync: SyncPolicy;
}

const segmentMaxBytes = 16 * 1024 ** 2;
// So that a small spool loses an eighth, and no half, when it is full.
const segmentShare = 8;
const syncMs = 1000;
const ownerOnly = 0o600;
// Each process counts on its own, above all processes before it.
const perProcess = 2 ** 32;

/** How large the segments of a spool are. */
export const segmentBytesOf = (maxBytes: number): number =>
  Math.min(segmentMaxBytes, Math.ceil(maxBytes / segmentShare));

/** Opens a writer. */
export function openWriter(shelf: Shelf, { maxBytes, sync }: WriterOptions): Writer {
  const segmentBytes = segmentBytesOf(maxBytes);
  const files = new Map<Segment, FileHandle>();
  const disk = openSync(sync);
  let order = shelf.next * perProcess;

  const close = async (segment: Segment): Promise<void> => {
    segment.closed = true;
    const handle = files.get(segment);
    files.delete(segment);
    if (handle === undefined) return;
    await disk.closing(handle);
    await handle.close().catch(() => {});
  };
  const segmentFor = async (lane: Lane, bytes: number): Promise<Segment> => {
    const last = shelf.segments[lane].at(-1);
    const open = last !== undefined && !last.closed ? last : undefined;
    if (open !== undefined && (open.bytes === 0 || open.bytes + bytes <= segmentBytes)) return open;
    const segment = await openSegment(shelf, lane, files);
    if (open !== undefined) await close(open);
    shelf.segments[lane].push(segment);
    return segment;
  };
  const write = async (lane: Lane, text: string): Promise<void> => {
    const bytes = Buffer.from(text);
    const segment = await segmentFor(lane, bytes.byteLength);
    const handle = files.get(segment);
    if (handle === undefined) throw new Error('a segment without its file');
    let written = 0;
    // At its own place: what a write that failed has left behind is written over.
    while (written < bytes.byteLength) {
      written += (await handle.write(bytes, written, bytes.byteLength - written, segment.bytes + written)).bytesWritten;
    }
    await disk.written(handle);
    segment.bytes += bytes.byteLength;
    shelf.added.bytes += bytes.byteLength;
  };
  /** After a write that failed: what came before it can then be read, removed, and make room on a full disk. */
  const setAside = async (lane: Lane): Promise<void> => {
    const segment = shelf.segments[lane].at(-1);
    // An empty one is tried again, or each failure would leave one behind.
    if (segment === undefined || segment.closed || segment.bytes === 0) return;
    const torn = files.get(segment)?.truncate(segment.bytes);
    await torn?.catch(() => {});
    await close(segment);
  };
  return {
    append: async (items) => {
      const failed = new Set<(typeof items)[number]>();
      const numbered = items.map((item, index) => ({ item, text: writeRecord(order + index, item.event) }));
      order += items.length;
      for (const lane of lanes) {
        const own = numbered.filter(({ item }) => (item.event.kind === 'allow') === (lane === 'allow'));
        if (own.length === 0) continue;
        try {
          await write(lane, own.map(({ text }) => text).join(''));
          shelf.added.events += own.length;
        } catch {
          for (const { item } of own) failed.add(item);
          await setAside(lane);
        }
      }
      return failed;
    },
    close,
    end: async () => {
      disk.end();
      for (const segment of [...files.keys()]) await close(segment);
    },
  };
}

/** Forces to disk what was written: after each write, or all of it every second, or only what is closed. */
function openSync(sync: SyncPolicy) {
  const unsynced = new Set<FileHandle>();
  const syncAll = async (): Promise<void> => {
    const handles = [...unsynced];
    unsynced.clear();
    for (const handle of handles) await handle.datasync();
  };
  const timer = sync === 'interval' ? setInterval(() => void syncAll().catch(() => {}), syncMs).unref() : undefined;
  return {
    written: async (handle: FileHandle): Promise<void> => {
      if (sync === 'always') await handle.datasync();
      else unsynced.add(handle);
    },
    closing: async (handle: FileHandle): Promise<void> => {
      if (unsynced.delete(handle)) await handle.datasync().catch(() => {});
    },
    end: (): void => clearInterval(timer),
  };
}

async function openSegment(shelf: Shelf, lane: Lane, files: Map<Segment, FileHandle>): Promise<Segment> {
  for (;;) {
    const number = shelf.next;
    const path = join(shelf.folder, fileOf(number, lane));
    try {
      const handle = await open(path, 'wx', ownerOnly);
      shelf.next += 1;
      const segment: Segment = { lane, number, path, bytes: 0, closed: false };
      files.set(segment, handle);
      return segment;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      shelf.next += 1;
    }
  }
}
