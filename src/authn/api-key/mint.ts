import { parsePrefix } from '../../core/address.ts';
import { parseDateTimeMs } from '../../core/date-time.ts';
import type { JsonObject } from '../../core/json.ts';
import { isPlainText, isPrincipalId } from '../text.ts';
import { hashApiKey, isKeyId, makeApiKey, makeKeyId } from './format.ts';

/** An entry in the words of a keys file: times as RFC 3339 dates or date-times. */
export interface KeyWords {
  readonly id: string;
  readonly hash: string;
  readonly owner: string;
  readonly roles?: readonly string[];
  readonly scopes?: readonly string[];
  readonly plan?: string;
  readonly expires?: string;
  readonly addresses?: readonly string[];
  readonly created?: string;
  readonly revoked?: string;
  readonly claims?: JsonObject;
}

/** What a new key is made for. */
interface MintRequest extends Partial<Omit<KeyWords, 'hash'>> {
  readonly owner: string;
}

/** Makes an API key, to be shown once, and the entry that goes into the keys file; throws RangeError for what no file takes. */
export function mintApiKey(request: MintRequest): { readonly key: string; readonly entry: KeyWords } {
  const { owner, roles = [], id = makeKeyId(), scopes = [], plan, expires, addresses = [], ...rest } = request;
  if (!isKeyId(id)) throw new RangeError('an id has 1 to 32 lower-case letters and digits');
  if (!isPrincipalId(owner))
    throw new RangeError('an owner is a text of 1 to 256 characters without control characters');
  for (const [what, words] of [['role', roles] as const, ['scope', scopes] as const]) {
    if (!words.every(isPlainText))
      throw new RangeError(`a ${what} is a text of 1 to 256 characters without control characters`);
  }
  if (plan !== undefined && !isPlainText(plan))
    throw new RangeError('a plan is a text of 1 to 256 characters without control characters');
  if (expires !== undefined && parseDateTimeMs(expires) === undefined) {
    throw new RangeError('expires is a date like 2027-01-31 or a time like 2027-01-31T12:00:00Z');
  }
  if (!addresses.every((text) => parsePrefix(text) !== undefined))
    throw new RangeError('an address is an IP address or a prefix like 192.0.2.0/24, without bits beyond its length');
  const key = makeApiKey(id);
  const hash = `sha256:${hashApiKey(key).toString('hex')}`;
  const entry = {
    id,
    hash,
    owner,
    roles,
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(plan === undefined ? {} : { plan }),
    ...(expires === undefined ? {} : { expires }),
    ...(addresses.length === 0 ? {} : { addresses }),
    ...rest,
  };
  return { key, entry };
}
