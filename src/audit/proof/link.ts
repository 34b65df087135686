import { isObject } from '../../core/json.ts';
import { isIntact, type Link } from '../chain.ts';

/** A line of a file of events. */
export interface Line {
  readonly file: string;
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
  /** Whether a line feed ends it. */
  readonly ended: boolean;
}

/** A link of a chain as a file has it. */
export interface FoundLink extends Link {
  readonly file: string;
  readonly line: number;
  /** Whether its hash is that of its line. */
  readonly intact: boolean;
  /** What it vouches for, if it is a checkpoint. */
  readonly checkpoint: Readonly<Record<string, unknown>> | undefined;
  /** Whether its process says that it ends. */
  readonly stops: boolean;
}

/** The link that a line is; unreadable: it is no JSON, unchained: it has no place in a chain. */
export function readLink({ text, file, number }: Line): FoundLink | 'unreadable' | 'unchained' {
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    return 'unreadable';
  }
  const own = ownFacts(event);
  const link = linkOf(member(own, 'chain'));
  if (link === undefined) return 'unchained';
  const checkpoint = member(own, 'checkpoint');
  return {
    ...link,
    file,
    line: number,
    intact: isIntact(text),
    checkpoint: isObject(checkpoint) ? checkpoint : undefined,
    stops: isStop(event),
  };
}

/** Our own facts of an event: OCSF has them in unmapped, ECS beside its own fields. */
export const ownFacts = (event: unknown): unknown =>
  member(member(event, 'unmapped'), 'portcullis') ?? member(event, 'portcullis');

/** A member of what may be an object. */
export const member = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

function linkOf(chain: unknown): Link | undefined {
  if (!isObject(chain)) return undefined;
  const { id, sequence, prev, hash, key } = chain;
  if (typeof id !== 'string' || typeof prev !== 'string' || typeof hash !== 'string') return undefined;
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 1) return undefined;
  return { id, sequence, prev, hash, key: typeof key === 'string' ? key : undefined };
}

const lifecycleUid = 6002;
const stop = 4;

function isStop(event: unknown): boolean {
  if (member(event, 'class_uid') === lifecycleUid) return member(event, 'activity_id') === stop;
  const { action, type }: { action?: unknown; type?: unknown } = Object(member(event, 'event'));
  return action === 'portcullis.lifecycle' && Array.isArray(type) && type.includes('end');
}
