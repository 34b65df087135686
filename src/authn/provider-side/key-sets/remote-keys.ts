import { isObject } from '../../../core/json.ts';
import { fetchJson } from '../outbound/fetch-json.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { faultOfUrl } from '../outbound/url.ts';
import { type KeyIndex, type LoadedKeys, loadKeys } from './jwk.ts';
import type { KeySetSpec } from './key-set.ts';

type Located = { readonly ok: true; readonly url: string } | { readonly ok: false; readonly problem: string };

/** Fetches and loads the keys of a spec, beside those that it had before; says why where there are none. Never rejects. */
export async function fetchKeys(
  spec: KeySetSpec,
  fetch: Outbound['fetch'],
  before: KeyIndex | undefined,
  signal: AbortSignal,
): Promise<LoadedKeys> {
  const located = await locate(spec, fetch, signal);
  if (!located.ok) return { ...located, leftOut: [] };
  // Checked before it is asked, so that the log says what was wrong with it: discovery's answer was not in the config.
  const fault = faultOfUrl(located.url, spec.outbound);
  if (fault !== undefined) return { ok: false, problem: `the URL of the key set ${fault}`, leftOut: [] };
  const fetched = await fetchJson(located.url, fetch, signal);
  return fetched.ok ? loadKeys(fetched.value, before) : { ...fetched, leftOut: [] };
}

async function locate({ source }: KeySetSpec, fetch: Outbound['fetch'], signal: AbortSignal): Promise<Located> {
  if (source.kind === 'url') return { ok: true, url: source.url };
  const { issuer } = source;
  const fetched = await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, fetch, signal);
  if (!fetched.ok) return { ok: false, problem: `discovery: ${fetched.problem}` };
  const { issuer: stated, jwks_uri: url } = isObject(fetched.value) ? fetched.value : {};
  // Whoever answers for another issuer must not choose our keys (section 4.3).
  if (stated !== issuer) return { ok: false, problem: 'discovery: the metadata is of another issuer' };
  return typeof url === 'string' ? { ok: true, url } : { ok: false, problem: 'discovery: there is no jwks_uri' };
}
