import { type KeyWords, keyState } from '../../authn/index.ts';

/** What a list shows of each key: everything but its hash, and its state. */
const shown = ({ hash: _, ...entry }: KeyWords, nowMs: number) => ({
  ...entry,
  state: keyState(entry as KeyWords, nowMs),
});

/** The keys as one JSON object. */
export const listingJson = (entries: readonly KeyWords[], nowMs: number): string =>
  JSON.stringify({ keys: entries.map((entry) => shown(entry, nowMs)) }, null, 2);

const columns = ['id', 'owner', 'state', 'expires', 'roles', 'scopes', 'plan'] as const;

/** The keys as a table for people. */
export function listingText(entries: readonly KeyWords[], nowMs: number): string {
  if (entries.length === 0) return 'no keys';
  const rows = entries.map((entry) => ({
    id: entry.id,
    owner: entry.owner,
    state: keyState(entry, nowMs),
    expires: entry.expires ?? 'never',
    roles: (entry.roles ?? []).join(',') || '-',
    scopes: (entry.scopes ?? []).join(',') || '-',
    plan: entry.plan ?? '-',
  }));
  const width = (column: (typeof columns)[number]): number =>
    rows.reduce((widest, row) => Math.max(widest, row[column].length), column.length);
  const widths = columns.map(width);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(columns), ...rows.map((row) => line(columns.map((column) => row[column])))].join('\n');
}
