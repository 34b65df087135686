import type { KeyObject } from 'node:crypto';
import { genesisHash } from '../chain.ts';
import { isSignedBy, keyIdOf } from '../signing.ts';
import type { FoundLink } from './link.ts';

/** What is wrong: a stable code, and the line at which it shows. */
export interface Fault {
  readonly code:
    | 'torn'
    | 'unchained'
    | 'changed'
    | 'missing'
    | 'reordered'
    | 'inserted'
    | 'forged'
    | 'unsigned'
    | 'cut';
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** What is demanded besides that every chain holds. */
export interface Demands {
  /** Checkpoints must be there, signed by this key; undefined: signatures are not looked at. */
  readonly key: KeyObject | undefined;
  /** A chain may begin in its middle: older files are gone. */
  readonly partial: boolean;
  /** Every chain must have ended in order. */
  readonly ended: boolean;
}

/** What became of one chain. */
export interface ChainReport {
  readonly id: string;
  /** The first and the last of its links that are there. */
  readonly first: number;
  readonly last: number;
  /** Links that stand there again, as a batch that was tried twice leaves them. */
  readonly repeated: number;
  /** The last link that a checkpoint vouches for; 0: none. */
  readonly vouched: number;
  /** Whether it ended in order: nothing can have been cut off. */
  readonly ended: boolean;
  /** The first that is wrong. */
  readonly fault: Fault | undefined;
}

/** A walk along a chain. */
interface Walk {
  readonly demands: Demands;
  /** Every link that the files have, by its place: the hash of the first that claims it. */
  readonly places: ReadonlyMap<number, string>;
  /** Where the walk has come to. */
  at: { readonly sequence: number; readonly hash: string } | undefined;
  highest: number;
  /** Where links began to stand there again; undefined: they do not. */
  again: FoundLink | undefined;
  repeated: number;
  vouched: number;
  checkpoints: number;
  /** Whether a key vouches for the chain. */
  keyed: boolean;
  ended: boolean;
  stopped: boolean;
}

// A checkpoint follows the batch in which the ten thousandth event is.
const unsignedMax = 10_000 + 1024;

/** Walks along the links of one chain, in their order, up to the first fault. */
export function judgeChain(id: string, links: readonly FoundLink[], demands: Demands): ChainReport {
  const places = new Map<number, string>();
  for (const { sequence, hash } of links) if (!places.has(sequence)) places.set(sequence, hash);
  const walk: Walk = {
    demands,
    places,
    at: undefined,
    highest: 0,
    again: undefined,
    repeated: 0,
    vouched: 0,
    checkpoints: 0,
    keyed: false,
    ended: false,
    stopped: false,
  };
  let fault: Fault | undefined;
  for (const link of links) {
    fault = step(walk, link);
    if (fault !== undefined) break;
  }
  const last = links.at(-1);
  if (last !== undefined) fault ??= atEnd(walk, last);
  const { repeated, vouched, highest } = walk;
  return { id, first: links[0]?.sequence ?? 0, last: highest, repeated, vouched, ended: isEnded(walk), fault };
}

const faultAt = ({ file, line }: FoundLink, code: Fault['code'], message: string): Fault => ({
  code,
  file,
  line,
  message,
});
const isEnded = ({ ended, stopped, keyed }: Walk): boolean => ended || (stopped && !keyed);

function step(walk: Walk, link: FoundLink): Fault | undefined {
  const { sequence } = link;
  if (!link.intact) return faultAt(link, 'changed', `event ${sequence} is not as it was written`);
  const fault = placeFault(walk, link);
  if (fault !== undefined) return fault;
  if (sequence <= walk.highest) {
    walk.repeated += 1;
    // Whoever repeats goes on from there to where he had come.
    walk.again = sequence === walk.highest ? undefined : (walk.again ?? link);
  }
  walk.at = link;
  const isNew = sequence > walk.highest;
  walk.highest = Math.max(walk.highest, sequence);
  walk.keyed ||= link.key !== undefined || link.checkpoint !== undefined;
  if (!isNew) return undefined;
  walk.stopped = link.stops || (walk.stopped && link.checkpoint !== undefined);
  if (link.checkpoint !== undefined) return vouchFault(walk, link, link.checkpoint);
  const unsigned = walk.demands.key === undefined ? 0 : sequence - Math.max(walk.vouched, firstOf(walk.places) - 1);
  return unsigned > unsignedMax ? faultAt(link, 'unsigned', `no checkpoint for ${unsigned} events`) : undefined;
}

/** The link that stands first. */
const firstOf = (places: Walk['places']): number => places.keys().next().value ?? 1;

function placeFault({ at, highest, again, ended, places, demands }: Walk, link: FoundLink): Fault | undefined {
  const { sequence, prev, hash } = link;
  if (at === undefined) {
    if (sequence > 1 && !demands.partial) return faultAt(link, 'missing', `events 1 to ${sequence - 1} are missing`);
    return sequence === 1 && prev !== genesisHash
      ? faultAt(link, 'inserted', 'event 1 follows on another one')
      : undefined;
  }
  if (sequence === at.sequence + 1) {
    if (ended) return faultAt(link, 'inserted', `event ${sequence} stands after the end of its chain`);
    if (prev === at.hash && (sequence > highest || places.get(sequence) === hash)) return undefined;
    return faultAt(link, 'changed', `event ${sequence} does not follow on event ${at.sequence} as it stands here`);
  }
  if (again !== undefined) return faultAt(again, 'inserted', `event ${again.sequence} stands here once more`);
  if (sequence <= highest) {
    if (sequence < firstOf(places))
      return faultAt(link, 'reordered', `event ${sequence} stands after event ${highest}`);
    return places.get(sequence) === hash
      ? undefined
      : faultAt(link, 'inserted', `another event ${sequence} stood before`);
  }
  const next = at.sequence + 1;
  const range = next === sequence - 1 ? `event ${next} is` : `events ${next} to ${sequence - 1} are`;
  return places.has(next)
    ? faultAt(link, 'reordered', `event ${sequence} stands before event ${next}`)
    : faultAt(link, 'missing', `${range} missing before this line`);
}

function vouchFault(walk: Walk, link: FoundLink, checkpoint: NonNullable<FoundLink['checkpoint']>): Fault | undefined {
  const { sequence, hash, end, key: keyId, signature } = checkpoint;
  const { key } = walk.demands;
  const before = link.sequence - 1;
  if (sequence !== before || hash !== link.prev || typeof end !== 'boolean') {
    return faultAt(link, 'forged', 'the checkpoint is not of the event before it');
  }
  if (key !== undefined) {
    if (keyId !== keyIdOf(key)) return faultAt(link, 'forged', `the checkpoint is of another key, ${String(keyId)}`);
    const vouched = { chain: link.id, sequence: before, hash: link.prev, end };
    if (typeof signature !== 'string' || !isSignedBy(key, vouched, signature)) {
      return faultAt(link, 'forged', 'the signature of the checkpoint does not hold');
    }
  }
  walk.vouched = before;
  walk.checkpoints += 1;
  walk.ended = end;
  return undefined;
}

function atEnd(walk: Walk, last: FoundLink): Fault | undefined {
  const { again, demands, checkpoints, ended, stopped, keyed } = walk;
  if (again !== undefined) return faultAt(again, 'inserted', `event ${again.sequence} stands here once more`);
  if (demands.key !== undefined && checkpoints === 0)
    return faultAt(last, 'unsigned', 'no checkpoint vouches for the chain');
  if (stopped && keyed && !ended) {
    return faultAt(
      last,
      'cut',
      `its process ended in order, and the end of the chain after event ${last.sequence} is missing`,
    );
  }
  return demands.ended && !isEnded(walk)
    ? faultAt(
        last,
        'cut',
        `the chain has no end after event ${last.sequence}: its process runs, was killed, or the end was cut off`,
      )
    : undefined;
}
