import type { Report, SourceFile } from '../../core/build.ts';
import { isObject } from '../../core/json.ts';
import type { Claims } from '../../core/principal.ts';
import { openReader, type Reader } from '../options.ts';
import { isPlainText, isPrincipalId } from '../text.ts';
import { parseExpiryMs } from './expiry.ts';
import { isKeyId, parseKeyHash } from './format.ts';

/** What a keys file says of one key. */
export interface KeyRecord {
  readonly id: string;
  readonly hash: Uint8Array;
  readonly owner: string;
  readonly roles: ReadonlySet<string>;
  readonly scopes: ReadonlySet<string>;
  /** Milliseconds since the epoch from which on the key is no longer good; undefined: never. */
  readonly expiresMs: number | undefined;
  readonly claims: Claims;
}

const members = ['id', 'hash', 'owner', 'roles', 'scopes', 'expires', 'plan', 'claims'] as const;
const reserved: ReadonlySet<string> = new Set(['owner', 'plan']);

/** Reads a keys file: `keys:` and a list of entries; whatever is wrong is an issue at its place. */
export function readKeysFile(file: SourceFile): readonly KeyRecord[] {
  const document = file.document();
  if (document === undefined) return [];
  const report: Report = (path, message) => file.issue(path, message);
  const reader = openReader(document, report);
  refuseUnknown(document, ['keys'], report);
  const list = reader.raw('keys');
  if (!Array.isArray(list)) {
    if (isObject(document)) report(['keys'], 'must be a list of keys');
    return [];
  }
  const records = list.map((entry, index) =>
    readEntry(entry, (path, message) => report(['keys', index, ...path], message)),
  );
  reportRepeated(records, report);
  return records.filter((record) => record !== undefined);
}

function refuseUnknown(value: unknown, known: readonly string[], report: Report): void {
  for (const name of Object.keys(isObject(value) ? value : {})) {
    if (!known.includes(name)) report([name], `unknown key; known are ${known.join(', ')}`);
  }
}

function readEntry(entry: unknown, report: Report): KeyRecord | undefined {
  const reader = openReader(entry, report);
  if (!isObject(entry)) return undefined;
  refuseUnknown(entry, members, report);
  for (const name of ['id', 'hash', 'owner']) if (!reader.has(name)) report([name], 'is required');
  const [id, owner] = [reader.text('id', ''), reader.text('owner', '')];
  if (id !== '' && !isKeyId(id)) report(['id'], 'must be 1 to 32 lower-case letters and digits');
  if (owner !== '' && !isPrincipalId(owner)) report(['owner'], 'must not have control characters or blanks around it');
  return {
    id,
    hash: readHash(reader, report),
    owner,
    roles: readWords(reader, 'roles', report),
    scopes: readWords(reader, 'scopes', report),
    expiresMs: readExpiry(reader, report),
    claims: readKeyClaims(reader, owner, report),
  };
}

function readHash(reader: Reader, report: Report): Uint8Array {
  const text = reader.text('hash', '');
  const hash = parseKeyHash(text);
  // The text is not quoted: it may be the key itself, put here by mistake.
  if (text !== '' && hash === undefined)
    report(['hash'], 'must be "sha256:" and 64 hexadecimal digits or 43 of base64url');
  return hash ?? new Uint8Array();
}

function readWords(reader: Reader, name: string, report: Report): ReadonlySet<string> {
  const words = reader.texts(name, []);
  for (const [index, word] of words.entries()) {
    if (!isPlainText(word)) report([name, index], 'must be a text of 1 to 256 characters without control characters');
  }
  return new Set(words);
}

function readExpiry(reader: Reader, report: Report): number | undefined {
  const text = reader.text('expires', '');
  const ms = text === '' ? undefined : parseExpiryMs(text);
  if (text !== '' && ms === undefined) {
    report(['expires'], 'must be a date like "2027-01-31" or a time like "2027-01-31T12:00:00Z"');
  }
  return ms;
}

const isScalar = (value: unknown): value is string | number | boolean =>
  isPlainText(value) || typeof value === 'boolean' || Number.isFinite(value);

function readKeyClaims(reader: Reader, owner: string, report: Report): Claims {
  const claims: Record<string, string | number | boolean> = Object.create(null);
  const extra = reader.raw('claims') ?? {};
  if (!isObject(extra)) report(['claims'], 'must be an object');
  for (const [name, value] of Object.entries(isObject(extra) ? extra : {})) {
    if (reserved.has(name)) report(['claims', name], 'is said by the entry itself');
    else if (isScalar(value)) claims[name] = value;
    else report(['claims', name], 'must be a plain text, a number, true or false');
  }
  const plan = reader.text('plan', '');
  if (plan !== '' && !isPlainText(plan)) report(['plan'], 'must not have control characters');
  return Object.freeze(Object.assign(claims, { owner }, plan === '' ? {} : { plan }));
}

function reportRepeated(records: readonly (KeyRecord | undefined)[], report: Report): void {
  const [ids, hashes] = [new Map<string, number>(), new Map<string, number>()];
  for (const [index, record] of records.entries()) {
    if (record === undefined) continue;
    const hash = Buffer.from(record.hash).toString('hex');
    for (const [name, value, seen] of [['id', record.id, ids] as const, ['hash', hash, hashes] as const]) {
      const first = seen.get(value);
      if (value !== '' && first !== undefined)
        report(['keys', index, name], `is that of the entry at index ${first} too`);
      else seen.set(value, index);
    }
  }
}
