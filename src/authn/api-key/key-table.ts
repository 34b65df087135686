import { timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { parsePrefix } from '../../core/address.ts';
import type { JsonObject } from '../../core/json.ts';
import { createArena, pieceAt } from './arena.ts';
import type { KeyRecord, PlacedEntry } from './entry.ts';
import { createSlots, findSlot } from './slots.ts';

/** Keys by their hash. */
export interface KeyTable {
  readonly size: number;
  /** What is known of the key with this SHA-256. */
  find(hash: Uint8Array): KeyRecord | undefined;
}

/** Keys as bytes alone: they move from thread to thread without being copied, and are nothing that a garbage collector walks. */
export interface PackedKeys {
  readonly size: number;
  /** Where each key stands, found by its hash. */
  readonly slots: Uint32Array<ArrayBuffer>;
  readonly chunks: readonly Uint8Array<ArrayBuffer>[];
}

/** A record as JSON keeps it: the id first, and null for what is undefined. */
type Packed = readonly [
  id: string,
  owner: string,
  roles: readonly string[],
  scopes: readonly string[],
  expiresMs: number | null,
  createdMs: number | null,
  revoked: boolean,
  plan: string | null,
  addresses: readonly string[] | null,
  claims: JsonObject,
];

const hashBytes = 32;
/** The hash, the place in the file (4 bytes), the length of the record (4 bytes); the record follows. */
const headBytes = hashBytes + 8;

/** Packs keys into bytes. An entry is told what it repeats of an earlier one. */
export function packKeys(entries: Iterable<PlacedEntry>): PackedKeys {
  const [arena, hashes, ids] = [createArena(), createSlots(), createSlots()];
  const standsAt = (start: number, bytes: Uint8Array) => (offset: number) =>
    arena.at(offset).compare(bytes, 0, bytes.length, start, start + bytes.length) === 0;
  let size = 0;
  for (const { hash, record, place, repeats } of entries) {
    // What could not be read has been reported, and repeats nothing.
    if (record.id === '' || hash.length !== hashBytes) continue;
    const packed = pack(record);
    const length = Buffer.byteLength(packed);
    const beginning = Buffer.from(`[${JSON.stringify(record.id)},`);
    const sameId = ids.find(crc32(beginning), standsAt(headBytes, beginning));
    if (sameId !== undefined) repeats('id', arena.at(sameId).readUInt32LE(hashBytes));
    const sameHash = hashes.find(wordOf(hash), standsAt(0, hash));
    if (sameHash !== undefined) repeats('hash', arena.at(sameHash).readUInt32LE(hashBytes));

    const offset = arena.add(headBytes + length);
    const bytes = arena.at(offset);
    bytes.set(hash);
    bytes.writeUInt32LE(place, hashBytes);
    bytes.writeUInt32LE(length, hashBytes + 4);
    bytes.write(packed, headBytes);
    ids.add(crc32(beginning), offset);
    hashes.add(wordOf(hash), offset);
    size += 1;
  }
  return { size, slots: hashes.cells(), chunks: arena.chunks() };
}

/** Opens packed keys. A lookup takes as long with many keys as with few. */
export function openKeyTable({ size, slots, chunks }: PackedKeys): KeyTable {
  return {
    size,
    find: (hash) => {
      // Hashes are compared, never keys: what a caller can learn from the time it takes is of no use without the key.
      const isIt = (at: number): boolean => timingSafeEqual(pieceAt(chunks, at).subarray(0, hashBytes), hash);
      const offset = findSlot(slots, wordOf(hash), isIt);
      return offset === undefined ? undefined : unpack(pieceAt(chunks, offset));
    },
  };
}

const wordOf = (hash: Uint8Array): number => new DataView(hash.buffer, hash.byteOffset).getUint32(0);

function pack(record: KeyRecord): string {
  const { id, owner, roles, scopes, expiresMs, createdMs, revoked, plan, addresses, claims } = record;
  const [ends, made, ranges] = [expiresMs ?? null, createdMs ?? null, addresses?.map(({ text }) => text) ?? null];
  const packed: Packed = [id, owner, roles, scopes, ends, made, revoked, plan ?? null, ranges, claims];
  return JSON.stringify(packed);
}

function unpack(bytes: Buffer): KeyRecord {
  // Our own encoding, made by pack.
  const packed: Packed = JSON.parse(bytes.toString('utf8', headBytes, headBytes + bytes.readUInt32LE(hashBytes + 4)));
  const [id, owner, roles, scopes, expiresMs, createdMs, revoked, plan, addresses, claims] = packed;
  return {
    id,
    owner,
    roles,
    scopes,
    plan: plan ?? undefined,
    expiresMs: expiresMs ?? undefined,
    createdMs: createdMs ?? undefined,
    revoked,
    addresses: addresses?.flatMap((text) => parsePrefix(text) ?? []),
    claims,
  };
}
