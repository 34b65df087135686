import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { BodyProcessor, BodyStep, HeadStep } from '../core/processing.ts';
import type { Detail } from '../core/verdict.ts';

/** A head step that reads the body. */
export type ReadStep = Extract<HeadStep, { readonly kind: 'read' }>;

/** One body while it is read: held back where nothing may go on before all of it was seen, and never beyond its bound. */
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

/** Opens the reading of a body. now: milliseconds of a clock that never steps back. */
export function openReading({ how, maxBytes, tooLarge, body }: ReadStep, now = () => performance.now()): Reading {
  const account = openAccount();
  let held: Uint8Array[] = [];
  let unseen = false;
  const release = (...more: readonly Uint8Array[]): BodyStep => {
    const all = join([...held, ...more]);
    held = [];
    return forward(all);
  };
  const step = async (piece: Uint8Array, last: boolean): Promise<BodyStep> => {
    if (unseen) return forward(piece);
    if (account.came() > maxBytes) {
      if (tooLarge !== undefined) return { kind: 'refuse', refusal: tooLarge };
      // Everything that waits goes on, and so does the rest.
      unseen = true;
      const rest = await body.push(nothing, true);
      return rest.kind === 'refuse' ? rest : release(rest.bytes, piece);
    }
    const taken = await pushSlices(body, piece, last, now);
    if (taken.kind === 'refuse' || how === 'stream') return taken;
    held.push(taken.bytes);
    return last ? release() : forward(nothing);
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

// Envoy's pieces may have a megabyte and more, and where everything in them looks like a leak, 64 KiB take 50 ms.
const sliceBytes = 8192;
const mostHeldMs = 1;

/** Lets a processor take a piece in slices, and others have their turn when that takes long. */
async function pushSlices(body: BodyProcessor, piece: Uint8Array, last: boolean, now: () => number): Promise<BodyStep> {
  if (piece.length <= sliceBytes) return body.push(piece, last);
  const out: Uint8Array[] = [];
  let same = true;
  let since = now();
  for (let at = 0; at < piece.length; at += sliceBytes) {
    if (now() - since > mostHeldMs) {
      await setImmediate();
      since = now();
    }
    const slice = piece.subarray(at, at + sliceBytes);
    const pushed = body.push(slice, last && at + sliceBytes >= piece.length);
    const taken = pushed instanceof Promise ? await pushed : pushed;
    if (taken.kind === 'refuse') return taken;
    same &&= taken.bytes === slice;
    out.push(taken.bytes);
  }
  if (same) return forward(piece);
  const whole = join(out);
  // What waited for the next slice has gone on with it, and nothing has changed.
  return forward(whole.length === piece.length && Buffer.compare(whole, piece) === 0 ? piece : whole);
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
