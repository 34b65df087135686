import type { Clock } from '../../core/clock.ts';
import { isObject, own } from '../../core/json.ts';
import { parseStrictJson } from '../../core/strict-json.ts';
import { nameOfFailure } from '../../outbound/fetch-json.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import { OutboundError } from '../../outbound/outbound-error.ts';
import type { OAuthClient } from '../provider-side/client/index.ts';
import { type Answer, broken, readPlain, type Unavailable, unavailable } from './answer.ts';
import { readSignedAnswer, type Signed, signedType } from './signed-answer.ts';

/** Whom to ask, and as whom. */
export interface Call {
  readonly url: string;
  /** What the provider calls itself: what our assertions are for. */
  readonly issuer: string;
  readonly client: OAuthClient;
  readonly fetch: Outbound['fetch'];
  /** How signed answers are checked; undefined: none is asked for. */
  readonly signed: Signed | undefined;
  readonly clock: Clock;
}

/** Asks the provider what a token is (RFC 7662 section 2.1), once. Never rejects for what comes back. */
export async function callEndpoint(token: string, call: Call): Promise<Answer> {
  const { url, issuer, client, fetch, signed } = call;
  const body = new URLSearchParams({ token, token_type_hint: 'access_token' });
  const headers = new Headers({ accept: acceptOf(signed) });
  await client.auth({ issuer }, { client_id: client.id }, body, headers);
  try {
    const response = await fetch(url, { method: 'POST', headers, body });
    return response.status === 200 ? await readBody(response, call) : await readRefusal(response);
  } catch (error) {
    const problem = nameOfFailure(error);
    if (error instanceof OutboundError) return broken(problem);
    return unavailable(problem === 'timeout' ? 'timeout' : 'away', problem);
  }
}

function acceptOf(signed: Signed | undefined): string {
  if (signed === undefined) return 'application/json';
  return signed.required ? signedType : `${signedType}, application/json;q=0.5`;
}

async function readBody(response: Response, { signed, clock }: Call): Promise<Answer> {
  const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type === signedType && signed !== undefined) return readSignedAnswer(await response.text(), signed, clock);
  if (type === 'application/json' && signed?.required !== true) return readPlain(await response.bytes());
  await response.body?.cancel();
  return broken(type === 'application/json' ? 'not signed' : 'another content type');
}

// RFC 6749 section 5.2: what these say is that our config is wrong, whatever the token.
const ofClients: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client', 'access_denied']);
const ofTokens: ReadonlySet<number> = new Set([400, 413, 414, 422, 431]);
const ofTheWay: ReadonlySet<number> = new Set([502, 503, 504]);

async function readRefusal(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const error = status >= 400 && status < 500 ? errorOf(await response.bytes()) : undefined;
  if (!response.bodyUsed) await response.body?.cancel();
  // What is no token of its kind is no active token (RFC 7662 section 2.2), though some providers make an error of it.
  if (status === 400 && error === 'unsupported_token_type') return { kind: 'inactive' };
  const problem = error === undefined ? `status ${status}` : `status ${status} ${error}`;
  return { ...unavailable(causeOf(status, error ?? ''), problem), ...restOf(status, headers) };
}

function causeOf(status: number, error: string): Unavailable['cause'] {
  if (status === 401 || status === 403 || ofClients.has(error)) return 'refused';
  if (ofTokens.has(status)) return 'unwilling';
  return ofTheWay.has(status) ? 'away' : 'broken';
}

/** The error code of RFC 6749 section 5.2, if the body has one. */
function errorOf(bytes: Uint8Array): string | undefined {
  const parsed = parseStrictJson(bytes, { maxDepth: 8 });
  const error = parsed.ok && isObject(parsed.value) ? own(parsed.value, 'error') : undefined;
  return typeof error === 'string' && /^[a-z_]{1,64}$/.test(error) ? error : undefined;
}

/** Retry-After in seconds (RFC 9110 section 10.2.3), where the provider has too much to do. */
function restOf(status: number, headers: Headers): { readonly restMs: number } | undefined {
  const after = headers.get('retry-after') ?? '';
  return (status === 429 || status === 503) && /^\d{1,6}$/.test(after) ? { restMs: Number(after) * 1000 } : undefined;
}
