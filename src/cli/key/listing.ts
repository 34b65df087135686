import { type KeyWords, keyState } from '../../authn/index.ts';
import type { Consulted } from './consult.ts';

/** The keys of a book, and what is known of them beside it. */
interface Listed {
  readonly entries: Iterable<KeyWords>;
  readonly consulted: Consulted;
  readonly nowMs: number;
}

const stateOf = (entry: KeyWords, { consulted, nowMs }: Listed): string =>
  consulted.isRevoked(entry) ? 'revoked' : keyState(entry, nowMs);

/** The keys as one JSON object: everything but their hashes, and their states; revocations: what is not known of these. */
export function listingJson(listed: Listed): string {
  const keys = [...listed.entries].map((entry) => {
    const { hash: _, ...shown } = entry;
    return { ...shown, state: stateOf(entry, listed) };
  });
  const { gap } = listed.consulted;
  const revocations = gap === undefined ? { consulted: true } : { consulted: false, reason: gap };
  return JSON.stringify({ keys, revocations }, null, 2);
}

const columns = ['id', 'owner', 'state', 'expires', 'roles', 'scopes', 'plan'] as const;

/** The keys as a table for people. */
export function listingText(listed: Listed): string {
  const rows = Array.from(listed.entries, (entry) => [
    entry.id,
    entry.owner,
    stateOf(entry, listed),
    entry.expires ?? 'never',
    (entry.roles ?? []).join(',') || '-',
    (entry.scopes ?? []).join(',') || '-',
    entry.plan ?? '-',
  ]);
  if (rows.length === 0) return 'no keys';
  const widths = columns.map((column, at) =>
    rows.reduce((widest, row) => Math.max(widest, row[at]?.length ?? 0), column.length),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  const { gap } = listed.consulted;
  const notes = gap === undefined ? [] : [`# What \`portcullis revoke\` has taken back is not known: ${gap}.`];
  return [line(columns), ...rows.map(line), ...notes].join('\n');
}
