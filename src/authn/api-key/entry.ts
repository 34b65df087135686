import { type Prefix, parsePrefix } from '../../core/address.ts';
import type { Report } from '../../core/build.ts';
import { isObject } from '../../core/json.ts';
import { notPrefix } from '../../core/prefix-list.ts';
import type { Claims } from '../../core/principal.ts';
import { openReader, type Reader } from '../options.ts';
import { isPlainText, isPrincipalId } from '../text.ts';
import { parseExpiryMs } from './expiry.ts';
import { isKeyId, parseKeyHash } from './format.ts';

/** What is known of one key. Times are in milliseconds since the epoch. */
export interface KeyRecord {
  readonly id: string;
  readonly owner: string;
  readonly roles: ReadonlySet<string>;
  readonly scopes: ReadonlySet<string>;
  /** From when on the key is no longer good; undefined: never. */
  readonly expiresMs: number | undefined;
  /** When it was made; undefined: its entry does not say. */
  readonly createdMs: number | undefined;
  /** Whether it has been taken back. Since when is no matter: clocks differ, and it is meant at once. */
  readonly revoked: boolean;
  /** The addresses that it may come from; undefined: any. */
  readonly addresses: readonly Prefix[] | undefined;
  readonly claims: Claims;
}

/** An entry of a keys file or of the shared store: the hash by which a key is found, and what is known of it. */
export interface KeyEntry {
  readonly hash: Uint8Array;
  readonly record: KeyRecord;
}

/** An entry at its place in a file. */
export interface PlacedEntry extends KeyEntry {
  /** Its index or its line. */
  readonly place: number;
  /** Hears that an earlier entry says the same. */
  readonly repeats: (member: 'id' | 'hash', firstPlace: number) => void;
}

const [required, optional] = [
  ['id', 'hash', 'owner'],
  ['roles', 'scopes', 'expires', 'plan', 'claims', 'addresses', 'created', 'revoked'],
];
const reserved: ReadonlySet<string> = new Set(['owner', 'plan']);
const maxAddresses = 64;

/** Members that are not known are issues: a misspelt `expires` would be a key that never ends. */
export function refuseUnknown(value: unknown, known: readonly string[], report: Report): void {
  for (const name of Object.keys(isObject(value) ? value : {})) {
    if (!known.includes(name)) report([name], `unknown key; known are ${known.join(', ')}`);
  }
}

/** Reads an entry; whatever is wrong is reported, and what is no object at all is undefined. */
export function readEntry(entry: unknown, report: Report): KeyEntry | undefined {
  const reader = openReader(entry, report);
  if (!isObject(entry)) return undefined;
  refuseUnknown(entry, [...required, ...optional], report);
  for (const name of required) if (!reader.has(name)) report([name], 'is required');
  const [id, owner] = [reader.text('id', ''), reader.text('owner', '')];
  if (id !== '' && !isKeyId(id)) report(['id'], 'must be 1 to 32 lower-case letters and digits');
  if (owner !== '' && !isPrincipalId(owner)) report(['owner'], 'must not have control characters or blanks around it');
  const record: KeyRecord = {
    id,
    owner,
    roles: readWords(reader, 'roles', report),
    scopes: readWords(reader, 'scopes', report),
    expiresMs: readTime(reader, 'expires', report),
    createdMs: readTime(reader, 'created', report),
    revoked: reader.has('revoked'),
    addresses: readAddresses(reader, report),
    claims: readKeyClaims(reader, owner, report),
  };
  readTime(reader, 'revoked', report);
  return { hash: readHash(reader, report), record };
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

function readTime(reader: Reader, name: string, report: Report): number | undefined {
  const text = reader.text(name, '');
  const ms = text === '' ? undefined : parseExpiryMs(text);
  if (text !== '' && ms === undefined) {
    report([name], 'must be a date like "2027-01-31" or a time like "2027-01-31T12:00:00Z"');
  }
  return ms;
}

function readAddresses(reader: Reader, report: Report): readonly Prefix[] | undefined {
  if (!reader.has('addresses')) return undefined;
  const texts = reader.texts('addresses', []);
  // An empty list could mean every address or none.
  if (texts.length === 0 || texts.length > maxAddresses) {
    report(['addresses'], `must hold 1 to ${maxAddresses} addresses or prefixes`);
  }
  return texts.slice(0, maxAddresses).flatMap((text, index) => {
    const prefix = parsePrefix(text);
    if (prefix === undefined) report(['addresses', index], `${JSON.stringify(text)} ${notPrefix}`);
    return prefix ?? [];
  });
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
