import type { BuildContext } from '../../core/build.ts';
import { isObject } from '../../core/json.ts';
import { openReader, type Reader } from '../../core/options.ts';
import { readOutbound } from '../../outbound/options.ts';
import { isAlgorithm } from '../algorithms.ts';
import type { AuthnDeps } from '../authenticator.ts';
import { readClient } from '../provider-side/client/index.ts';
import type { KeySetSpec } from '../provider-side/key-sets/key-set.ts';
import { readRoleMapping } from '../role-mapping.ts';
import { type ClaimRules, namedClaim } from '../token/claims.ts';
import { readKeySource } from '../token/key-source.ts';
import { readRequiredClaims } from '../token/required-claims.ts';
import { maxAnswerBytes } from './answer.ts';
import type { MemoryOptions } from './memory.ts';
import type { ProviderToAsk } from './questions.ts';
import type { Signed } from './signed-answer.ts';

/** The total options of an introspection identity. */
export interface IntrospectionOptions {
  readonly provider: ProviderToAsk;
  readonly memory: MemoryOptions;
  readonly claims: ClaimRules;
  readonly signed: Signed | undefined;
  /** The remote key set of signed answers; undefined where there is none. */
  readonly keySet: KeySetSpec | undefined;
}

const hour = 3_600_000;
const day = 24 * hour;

/** Reads the options; what is wrong is an issue, and reads as something that accepts nothing. */
export function readIntrospectionOptions(
  id: string,
  raw: unknown,
  context: BuildContext,
  deps: AuthnDeps,
): { readonly options: IntrospectionOptions; readonly reader: Reader } {
  const reader = openReader(raw, (path, message) => context.issue(path, message));
  for (const name of ['client', 'audience']) if (!reader.has(name)) context.issue([name], 'is required');
  const provider = readProvider(id, reader, context);
  const clockSkewMs = reader.durationMs('clock_skew', '30s', { minMs: 0, maxMs: 600_000 });
  const audience = readAudience(reader, context);
  const options: IntrospectionOptions = {
    provider,
    memory: readMemory(reader, context),
    claims: {
      audience,
      endless: true,
      roles: readRoleMapping(reader, context),
      scopes: namedClaim(reader.text('scope_claim', 'scope')),
      clockSkewMs,
      maxAgeMs: reader.has('max_age')
        ? reader.durationMs('max_age', '1h', { minMs: 1000, maxMs: 3650 * day })
        : undefined,
      requiredClaims: readRequiredClaims(reader, context),
    },
    ...readSigned({ ...provider, clockSkewMs, audience }, reader, context, deps),
  };
  return { options, reader };
}

function readProvider(identity: string, reader: Reader, context: BuildContext): ProviderToAsk {
  const [issuer, url] = [reader.text('issuer', ''), reader.text('url', '')];
  if (!reader.has('issuer') && !reader.has('url')) context.issue([], 'must have an issuer or a url');
  const client = readClient(reader.raw('client') ?? {}, context.at('client'));
  if (issuer === '' && client.publishedKeys.length > 0) {
    context.issue(['issuer'], 'is required with private_key_file: it is whom our assertions are for');
  }
  const discovered = url === '' ? issuer : '';
  if (discovered.includes('?')) context.issue(['issuer'], 'must not have a query');
  const urls = [
    { option: 'issuer', url: discovered },
    { option: 'url', url },
  ];
  const outbound = readOutbound(reader, context, { timeout: '2s', maxBytes: maxAnswerBytes, urls });
  return { identity, issuer, url: url === '' ? undefined : url, client, outbound };
}

function readAudience(reader: Reader, context: BuildContext): ReadonlySet<string> | undefined {
  const raw = reader.raw('audience');
  if (raw === 'any') return undefined;
  if (Array.isArray(raw) && raw.length === 0)
    context.issue(['audience'], 'must be a list of at least one audience, or any');
  return new Set(reader.texts('audience', []));
}

function readMemory(reader: Reader, context: BuildContext): MemoryOptions {
  const cache = openReader(reader.raw('cache') ?? {}, (path, message) => context.issue(['cache', ...path], message));
  return {
    activeMs: cache.durationMs('active', '30s', { minMs: 0, maxMs: hour }),
    inactiveMs: cache.durationMs('inactive', '5s', { minMs: 0, maxMs: hour }),
    staleMs: reader.durationMs('stale_if_error', '0s', { minMs: 0, maxMs: hour }),
    maxTokens: cache.integer('max_tokens', 20_000, { min: 1, max: 1_000_000 }),
    maxBytes: cache.bytes('max_bytes', '64MiB', { min: 64 * 1024, max: 4 * 1024 ** 3 }),
  };
}

const outboundOptions = ['ca_file', 'allow_http', 'allowed_hosts', 'timeout'] as const;

function readSigned(
  { identity, issuer, client, clockSkewMs, audience }: ProviderToAsk & Pick<ClaimRules, 'clockSkewMs' | 'audience'>,
  whole: Reader,
  context: BuildContext,
  deps: AuthnDeps,
): Pick<IntrospectionOptions, 'signed' | 'keySet'> {
  if (!whole.has('signed')) return { signed: undefined, keySet: undefined };
  const at = context.at('signed');
  const reader = openReader(whole.raw('signed'), (path, message) => at.issue(path, message));
  if (issuer === '') context.issue(['issuer'], 'is required with signed: it is who must have signed');
  const algorithms = reader.texts('algorithms', []);
  if (algorithms.length === 0 && isObject(whole.raw('signed')))
    at.issue(['algorithms'], 'must name at least one algorithm');
  for (const [index, name] of algorithms.entries()) {
    if (!isAlgorithm(name))
      at.issue(['algorithms', index], 'must be a signature algorithm with a public key, like ES256');
  }
  // Where nothing else is said, the keys come from the provider as everything else does.
  const inherited = outboundOptions.flatMap((name) => (whole.has(name) ? [[name, whole.raw(name)] as const] : []));
  const jwks = reader.raw('jwks') ?? { discovery: true, ...Object.fromEntries(inherited) };
  const { keySet, spec } = readKeySource(identity, issuer, jwks, reader.has('jwks') ? at.at('jwks') : context, deps);
  return {
    signed: {
      issuer,
      audience: new Set([client.id, ...(audience ?? [])]),
      algorithms: new Set(algorithms),
      required: reader.flag('required', true),
      keySet,
      clockSkewMs,
    },
    keySet: spec,
  };
}
