import type { AccessEntry } from '../core/access-entry.ts';
import { accessLogAnswer, fromAccessLogMessage } from '../wire/access-log-message.ts';

/** What the page needs of the rest of the house. */
interface AccessLogDeps {
  /** Takes requests that are over, in the order in which Envoy tells of them. Resolves when there is room for more. Never throws. */
  readonly record: (entries: readonly AccessEntry[]) => Promise<void> | void;
  /** Hears of a message that could not be decoded. */
  readonly onUndecodable: () => void;
}

/**
 * Takes one StreamAccessLogs stream (envoy.service.accesslog.v3.AccessLogService): bytes of StreamAccessLogsMessages in, and
 * an answer when Envoy has no more of them. While there is no room, nothing is read, and Envoy drops what it cannot send.
 */
export async function accessLog(messages: AsyncIterable<Uint8Array>, deps: AccessLogDeps): Promise<Uint8Array> {
  for await (const message of messages) {
    const entries = fromAccessLogMessage(message);
    if (entries === undefined) deps.onUndecodable();
    else if (entries.length > 0) await deps.record(entries);
  }
  return accessLogAnswer();
}
