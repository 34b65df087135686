import type { AccessEntry } from '../core/access-entry.ts';
import { readEntry } from './access-entry.ts';
import { bytes, openCursor, reader, readNested } from './cursor.ts';
import { StreamAccessLogsResponse } from './gen/envoy/service/accesslog/v3/als.ts';

// Read by hand: Envoy writes thousands of entries a second, and of most of their texts it has written the same before.

const entries = reader<AccessEntry[]>({
  1: bytes((into, cursor) => {
    const entry = readEntry(cursor);
    if (entry !== undefined) into.push(entry);
  }),
});
const message = reader<AccessEntry[]>({ 2: bytes((into, cursor) => void readNested(cursor, entries, into)) });

/**
 * The requests that are over in the bytes of an envoy.service.accesslog.v3.StreamAccessLogsMessage, in their order;
 * undefined when they are not protobuf. Entries about requests that go on, and those of TCP, are left out. Never throws.
 */
export function fromAccessLogMessage(encoded: Uint8Array): readonly AccessEntry[] | undefined {
  try {
    return message(openCursor(encoded), encoded.length, []);
  } catch {
    return undefined;
  }
}

/** What ends a stream of the access log: nobody reads it. */
export const accessLogAnswer = (): Uint8Array => StreamAccessLogsResponse.encode({}).finish();
