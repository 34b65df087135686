import { frozen, isObject, type Json, type JsonObject, own } from '../../core/json.ts';
import { parseStrictJson } from '../../core/strict-json.ts';

/** What a provider says of a token (RFC 7662 section 2.2), or why it says nothing. */
export type Answer = Known | Unavailable;

/** What a provider said: it may be remembered. */
export type Known =
  | {
      readonly kind: 'active';
      /** The whole answer, not judged yet; frozen. */
      readonly claims: JsonObject;
      /** Bytes that it came in. */
      readonly bytes: number;
    }
  | { readonly kind: 'inactive' };

/** No answer that could be taken. */
export interface Unavailable {
  readonly kind: 'unavailable';
  /** In words that are fit for a log. */
  readonly problem: string;
  /**
   * away: nothing came, and asking once more may help. broken: what came is no answer. timeout: it came too late. refused:
   * the provider does not take us for its client. unwilling: it does not like this one token, and is well otherwise.
   * unasked: it was not asked.
   */
  readonly cause: 'away' | 'broken' | 'timeout' | 'refused' | 'unwilling' | 'unasked';
  /** How long it wants to be left alone, where it says so. */
  readonly restMs?: number;
}

/** An answer of 256 KiB is none. */
export const maxAnswerBytes = 256 * 1024;
const limits = { maxBytes: maxAnswerBytes, maxDepth: 16, maxMembers: 1000 } as const;

/** No answer, by its cause. */
export const unavailable = (cause: Unavailable['cause'], problem: string): Unavailable => ({
  kind: 'unavailable',
  problem,
  cause,
});

/** An answer that is none, for it does not hold to the standard. */
export const broken = (problem: string): Unavailable => unavailable('broken', problem);

/** Reads a plain answer: strict JSON, an object. */
export function readPlain(bytes: Uint8Array): Answer {
  const parsed = parseStrictJson(bytes, limits);
  return parsed.ok ? readMembers(parsed.value, bytes.byteLength) : broken(`not strict JSON: ${parsed.problem}`);
}

/** Reads the members of an answer; active is true or false, and nothing that resembles them. */
export function readMembers(value: Json | undefined, bytes: number): Answer {
  if (!isObject(value)) return broken('no object');
  const active = own(value, 'active');
  if (typeof active !== 'boolean') return broken('active is neither true nor false');
  return active ? { kind: 'active', claims: frozen(value), bytes } : { kind: 'inactive' };
}
