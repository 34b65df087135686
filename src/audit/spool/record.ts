import { crc32 } from 'node:zlib';
import type { AuditEvent } from '../ocsf.ts';

/** An event in the spool, with its place in the order of all. */
interface SpoolRecord {
  readonly order: number;
  readonly event: AuditEvent;
}

/** A record as a line: a checksum, the order, what sinks want to know of the event, and the event, with tabs between. */
export function writeRecord(order: number, event: AuditEvent): string {
  const { line, ...facts } = event;
  const text = `${order}\t${JSON.stringify(facts)}\t${line}`;
  return `${crc32(text).toString(16)}\t${text}\n`;
}

/** Reads a line back; undefined: it is not as it was written. */
export function readRecord(text: string): SpoolRecord | undefined {
  const [sum, rest] = cut(text);
  if (rest === undefined || sum !== crc32(rest).toString(16)) return undefined;
  const [order, more = ''] = cut(rest);
  const [facts, line = ''] = cut(more);
  // The checksum says that these are the facts that we wrote; JSON has no undefined.
  const known = JSON.parse(facts) as Partial<AuditEvent>;
  const event = { trace: undefined, reason: undefined, rule: undefined, ...known, line } as AuditEvent;
  return { order: Number(order), event };
}

function cut(text: string): readonly [string, string | undefined] {
  const at = text.indexOf('\t');
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
