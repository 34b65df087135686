import { own } from '../../../core/json.ts';
import { fetchJson } from '../../../outbound/fetch-json.ts';
import type { Outbound } from '../../../outbound/outbound.ts';
import { faultOfUrl } from '../../../outbound/url.ts';
import { fetchMetadata } from '../provider/metadata.ts';
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
  // Checked before it is asked, so that the log says what was wrong with it.
  const fault = faultOfUrl(located.url, spec.outbound);
  if (fault !== undefined) return { ok: false, problem: `the URL of the key set ${fault}`, leftOut: [] };
  const fetched = await fetchJson(located.url, fetch, signal);
  return fetched.ok ? loadKeys(fetched.value, before) : { ...fetched, leftOut: [] };
}

async function locate(
  { source, outbound }: KeySetSpec,
  fetch: Outbound['fetch'],
  signal: AbortSignal,
): Promise<Located> {
  if (source.kind === 'url') return { ok: true, url: source.url };
  const metadata = await fetchMetadata(source.issuer, outbound, fetch, signal);
  if (!metadata.ok) return { ok: false, problem: `discovery: ${metadata.problem}` };
  const url = own(metadata.value, 'jwks_uri');
  if (typeof url === 'string') return { ok: true, url };
  const leftOut = metadata.leftOut.find((one) => one.startsWith('jwks_uri '));
  return { ok: false, problem: `discovery: ${leftOut ?? 'there is no jwks_uri'}` };
}
