import { type Configuration, fetchProtectedResource } from 'openid-client';
import { isObject, type JsonObject, own } from '../../core/json.ts';
import { parseStrictJson } from '../../core/strict-json.ts';

/** What the provider says of a person, or why it says nothing that counts. */
type Userinfo =
  | { readonly kind: 'good'; readonly claims: JsonObject }
  | { readonly kind: 'bad'; readonly problem: string }
  | { readonly kind: 'unavailable' };

const bad: Userinfo = Object.freeze({ kind: 'bad', problem: 'userinfo' });
const unwell: Userinfo = Object.freeze({ kind: 'unavailable' });
const json = /^application\/json *(?:;|$)/i;

/**
 * Asks the provider what it says of a person (OpenID Connect Core section 5.3). The answer is read here, for the library
 * takes a member that stands twice. Rejects as calls of openid-client do.
 */
export async function fetchUserinfo(configuration: Configuration, accessToken: string, sub: string): Promise<Userinfo> {
  const { userinfo_endpoint: endpoint } = configuration.serverMetadata();
  if (endpoint === undefined) return bad;
  const answer = await fetchProtectedResource(configuration, accessToken, new URL(endpoint), 'GET');
  const bytes = await answer.bytes();
  if (answer.status >= 500) return unwell;
  if (answer.status !== 200 || !json.test(answer.headers.get('content-type') ?? '')) return bad;
  const told = parseStrictJson(bytes);
  // Section 5.3.2: it may be of somebody else, unless it says that it is not.
  if (!told.ok || !isObject(told.value) || own(told.value, 'sub') !== sub) return bad;
  return { kind: 'good', claims: told.value };
}
