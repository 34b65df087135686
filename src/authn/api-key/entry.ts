import { type Prefix, parsePrefix } from '../../core/address.ts';
import type { Report } from '../../core/build.ts';
import { parseDateTimeMs } from '../../core/date-time.ts';
import { isObject, type JsonObject, own } from '../../core/json.ts';
import { listOfTexts } from '../../core/options.ts';
import { notPrefix } from '../../core/prefix-list.ts';
import { isPlainText, isPrincipalId } from '../text.ts';
import { isKeyId, parseKeyHash } from './format.ts';

/** What an entry says of one key. Times are in milliseconds since the epoch. */
export interface KeyRecord {
  readonly id: string;
  readonly owner: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly plan: string | undefined;
  /** From when on the key is no longer good; undefined: never. */
  readonly expiresMs: number | undefined;
  /** When it was made; undefined: its entry does not say. */
  readonly createdMs: number | undefined;
  /** Whether it has been taken back. Since when is no matter: clocks differ, and it is meant at once. */
  readonly revoked: boolean;
  /** The addresses that it may come from; undefined: any. */
  readonly addresses: readonly Prefix[] | undefined;
  /** Claims besides owner and plan. */
  readonly claims: JsonObject;
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
  /** As it stands there. */
  readonly value: unknown;
  /** Hears that an earlier entry says the same. */
  readonly repeats: (member: 'id' | 'hash', firstPlace: number) => void;
}

const required = ['id', 'hash', 'owner'];
const members = [...required, 'roles', 'scopes', 'expires', 'plan', 'claims', 'addresses', 'created', 'revoked'];
const reserved: ReadonlySet<string> = new Set(['owner', 'plan']);
const maxAddresses = 64;
const none: readonly string[] = Object.freeze([]);
const noClaims: JsonObject = Object.freeze({});

/** Members that are not known are issues: a misspelt `expires` would be a key that never ends. */
export function refuseUnknown(value: unknown, known: readonly string[], report: Report): void {
  for (const name of Object.keys(isObject(value) ? value : {})) {
    if (!known.includes(name)) report([name], `unknown key; known are ${known.join(', ')}`);
  }
}

/** Reads an entry; whatever is wrong is reported, and what is no object at all is undefined. */
export function readEntry(entry: unknown, report: Report): KeyEntry | undefined {
  if (!isObject(entry)) {
    report([], 'must be an object');
    return undefined;
  }
  refuseUnknown(entry, members, report);
  for (const name of required) if (own(entry, name) === undefined) report([name], 'is required');
  const [id, owner, plan] = [
    readText(entry, 'id', report),
    readText(entry, 'owner', report),
    readText(entry, 'plan', report),
  ];
  if (id !== '' && !isKeyId(id)) report(['id'], 'must be 1 to 32 lower-case letters and digits');
  if (owner !== '' && !isPrincipalId(owner)) report(['owner'], 'must not have control characters or blanks around it');
  if (plan !== '' && !isPlainText(plan)) report(['plan'], 'must not have control characters');
  const record: KeyRecord = {
    id,
    owner,
    roles: readWords(entry, 'roles', report),
    scopes: readWords(entry, 'scopes', report),
    plan: plan === '' ? undefined : plan,
    expiresMs: readTime(entry, 'expires', report),
    createdMs: readTime(entry, 'created', report),
    revoked: own(entry, 'revoked') !== undefined,
    addresses: readAddresses(entry, report),
    claims: readKeyClaims(entry, report),
  };
  readTime(entry, 'revoked', report);
  return { hash: readHash(entry, report), record };
}

// Plain functions, where others open a reader: of that a hundred thousand entries would make a hundred megabytes of garbage.
type Entry = Readonly<Record<string, unknown>>;

function readText(entry: Entry, name: string, report: Report): string {
  const member = own(entry, name);
  if (typeof member === 'string' && member !== '') return member;
  if (member !== undefined) report([name], 'must be a text');
  return '';
}

function readTexts(entry: Entry, name: string, report: Report): readonly string[] {
  const member = own(entry, name);
  const texts = member === undefined ? none : listOfTexts(member);
  if (texts === undefined) report([name], 'must be a list of texts');
  return texts ?? none;
}

function readHash(entry: Entry, report: Report): Uint8Array {
  const text = readText(entry, 'hash', report);
  const hash = parseKeyHash(text);
  // The text is not quoted: it may be the key itself, put here by mistake.
  if (text !== '' && hash === undefined)
    report(['hash'], 'must be "sha256:" and 64 hexadecimal digits or 43 of base64url');
  return hash ?? new Uint8Array();
}

function readWords(entry: Entry, name: string, report: Report): readonly string[] {
  const words = readTexts(entry, name, report);
  for (const [index, word] of words.entries()) {
    if (!isPlainText(word)) report([name, index], 'must be a text of 1 to 256 characters without control characters');
  }
  return words;
}

function readTime(entry: Entry, name: string, report: Report): number | undefined {
  const text = readText(entry, name, report);
  const ms = text === '' ? undefined : parseDateTimeMs(text);
  if (text !== '' && ms === undefined) {
    report([name], 'must be a date like "2027-01-31" or a time like "2027-01-31T12:00:00Z"');
  }
  return ms;
}

function readAddresses(entry: Entry, report: Report): readonly Prefix[] | undefined {
  if (own(entry, 'addresses') === undefined) return undefined;
  const texts = readTexts(entry, 'addresses', report);
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

function readKeyClaims(entry: Entry, report: Report): JsonObject {
  const said = own(entry, 'claims');
  if (said === undefined) return noClaims;
  if (!isObject(said)) report(['claims'], 'must be an object');
  const claims: Record<string, string | number | boolean> = Object.create(null);
  for (const [name, value] of Object.entries(isObject(said) ? said : {})) {
    if (reserved.has(name)) report(['claims', name], 'is said by the entry itself');
    else if (isScalar(value)) claims[name] = value;
    else report(['claims', name], 'must be a plain text, a number, true or false');
  }
  return claims;
}
