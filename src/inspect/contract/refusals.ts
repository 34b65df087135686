import { type Reject, reject } from '../../core/verdict.ts';
import type { Unreadable } from '../content/content.ts';
import type { Mismatch } from './schema-compile.ts';

const maxMismatches = 10;
const maxPointerLength = 256;

/** Names of members are the caller's: a long pointer ends at an ancestor. */
const clip = (pointer: string): string =>
  pointer.length <= maxPointerLength ? pointer : pointer.slice(0, pointer.lastIndexOf('/', maxPointerLength));

/** A body that does not match: where, and by which keyword, never with the value. */
export function mismatched(mismatches: readonly [Mismatch, ...Mismatch[]]): Reject {
  const [first] = mismatches;
  const { keyword, member } = first;
  const pointer = clip(first.pointer);
  const expose = { pointer, keyword, ...(member === undefined ? {} : { member }) };
  const mismatchList = mismatches.slice(0, maxMismatches).map((each) => `${clip(each.pointer)} ${each.keyword}`);
  const detail = { inspection: 'payload', ...expose, schemaPath: first.schemaPath, mismatches: mismatchList };
  return reject('body_mismatch', detail, { expose });
}

/** A body that cannot be read, or that exceeds a bound. */
export function unreadable({ excess, pointer, problem }: Unreadable): Reject {
  const expose = { pointer: clip(pointer), problem };
  return reject(excess ? 'payload_excessive' : 'body_malformed', { inspection: 'payload', ...expose }, { expose });
}
