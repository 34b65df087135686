import { crc32 } from 'node:zlib';
import type { BodyStep, HeadStep } from '../core/processing.ts';
import type { Detail } from '../core/verdict.ts';

/** A head step that reads the body. */
export type ReadStep = Extract<HeadStep, { readonly kind: 'read' }>;

/** One body while it is read: collected first where nothing may go on before all of it was seen, and never beyond its bound. */
export interface Reading {
  /** What goes on in the piece's place; the very same array where nothing is held back or changed. Rejects only for a bug. */
  push(piece: Uint8Array, last: boolean): Promise<BodyStep>;
  /** What was found and done so far: never a value. */
  detail(): Detail;
  /** Whether other bytes went on than came. */
  changed(): boolean;
  /** How many bytes came. */
  bytes(): number;
}

const nothing = new Uint8Array(0);
const forward = (bytes: Uint8Array): BodyStep => ({ kind: 'forward', bytes });

/** Opens the reading of a body. */
export function openReading({ how, maxBytes, tooLarge, body }: ReadStep): Reading {
  const account = openAccount();
  let held: Uint8Array[] = [];
  let unseen = false;

  /** Gives everything that is held back, and lets the rest go on as it comes. */
  const giveUp = async (piece: Uint8Array): Promise<BodyStep> => {
    unseen = true;
    if (how === 'whole') return forward(join([...held, piece]));
    const rest = await body.push(nothing, true);
    return rest.kind === 'refuse' ? rest : forward(join([rest.bytes, piece]));
  };
  const step = async (piece: Uint8Array, last: boolean): Promise<BodyStep> => {
    if (unseen) return forward(piece);
    if (account.came() > maxBytes)
      return tooLarge === undefined ? giveUp(piece) : { kind: 'refuse', refusal: tooLarge };
    if (how === 'stream') return body.push(piece, last);
    held.push(piece);
    if (!last) return forward(nothing);
    const whole = join(held);
    held = [];
    return body.push(whole, true);
  };
  return {
    push: async (piece, last) => {
      account.comes(piece);
      const taken = await step(piece, last);
      if (taken.kind === 'forward') account.goes(piece, taken.bytes);
      return taken;
    },
    detail: () => (unseen ? { ...body.detail(), unseen: true } : body.detail()),
    changed: account.differs,
    bytes: account.came,
  };
}

/** Several pieces as one; a single one is not copied. */
function join(pieces: readonly Uint8Array[]): Uint8Array {
  const filled = pieces.filter(({ length }) => length > 0);
  const [only = nothing] = filled;
  return filled.length < 2 ? only : Buffer.concat(filled);
}

/** Compares what came with what went on, wherever pieces begin and end. */
function openAccount() {
  let [came, went] = [0, 0];
  let [sumIn, sumOut] = [0, 0];
  return {
    came: () => came,
    comes: (piece: Uint8Array): void => {
      came += piece.length;
    },
    goes: (piece: Uint8Array, out: Uint8Array): void => {
      // As long as both are level, the same array on both sides tells nothing apart.
      const level = came - piece.length === went;
      went += out.length;
      if (level && piece === out) return;
      sumIn = crc32(piece, sumIn);
      sumOut = crc32(out, sumOut);
    },
    differs: () => came !== went || sumIn !== sumOut,
  };
}
