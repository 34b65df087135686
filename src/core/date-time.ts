const stamp = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})(?:\.\d{1,9})?(Z|[+-]\d{2}:\d{2}))?$/;

/** Milliseconds since the epoch of an RFC 3339 date (its first moment in UTC) or date-time; undefined for anything else. */
export function parseDateTimeMs(text: string): number | undefined {
  const [, date, time] = stamp.exec(text) ?? [];
  if (date === undefined) return undefined;
  const ms = Date.parse(text);
  // Date.parse takes the 30th of February for the 2nd of March.
  const calendar = Date.parse(`${date}T00:00:00Z`);
  const real = !Number.isNaN(calendar) && new Date(calendar).toISOString().startsWith(date);
  return Number.isNaN(ms) || !real || time?.startsWith('24') ? undefined : ms;
}
