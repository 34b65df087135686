import { isPlainText, isPrincipalId } from '../text.ts';
import { parseExpiryMs } from './expiry.ts';
import { hashApiKey, isKeyId, makeApiKey, makeKeyId } from './format.ts';

/** What a new key is made for. */
interface MintRequest {
  readonly owner: string;
  readonly roles: readonly string[];
  /** Lower-case letters and digits, at most 32; random when absent. */
  readonly id?: string;
  /** An RFC 3339 date or time; never when absent. */
  readonly expires?: string;
}

/** An entry of a keys file, in the words and the order of the file. */
interface KeyEntry {
  readonly id: string;
  readonly hash: string;
  readonly owner: string;
  readonly roles: readonly string[];
  readonly expires?: string;
}

/** Makes an API key, to be shown once, and the entry that goes into the keys file; throws RangeError for what no file takes. */
export function mintApiKey(request: MintRequest): { readonly key: string; readonly entry: KeyEntry } {
  const { owner, roles, id = makeKeyId(), expires } = request;
  if (!isKeyId(id)) throw new RangeError('an id has 1 to 32 lower-case letters and digits');
  if (!isPrincipalId(owner))
    throw new RangeError('an owner is a text of 1 to 256 characters without control characters');
  if (!roles.every(isPlainText))
    throw new RangeError('a role is a text of 1 to 256 characters without control characters');
  if (expires !== undefined && parseExpiryMs(expires) === undefined) {
    throw new RangeError('expires is a date like 2027-01-31 or a time like 2027-01-31T12:00:00Z');
  }
  const key = makeApiKey(id);
  const hash = `sha256:${hashApiKey(key).toString('hex')}`;
  return { key, entry: { id, hash, owner, roles, ...(expires === undefined ? {} : { expires }) } };
}
