import type { BuildContext } from '../../core/build.ts';
import { openReader, type Reader } from '../../core/options.ts';
import { algorithmNames, isAlgorithm, isHmac, type TokenAlgorithm } from '../algorithms.ts';
import { readRoleMapping } from '../role-mapping.ts';
import { type ClaimRules, namedClaim } from '../token/claims.ts';
import { type Profile, profiles } from '../token/profile.ts';
import { readRequiredClaims } from '../token/required-claims.ts';
import { hasSecret } from './secret.ts';
import type { CacheBounds } from './verified-tokens.ts';

/** The total options of a jwt identity, its keys aside. */
export interface JwtOptions {
  readonly issuer: string;
  readonly algorithms: ReadonlySet<TokenAlgorithm>;
  /** The accepted values of typ; empty text: a token without it. */
  readonly types: ReadonlySet<string>;
  readonly isForeign: Profile['isForeign'];
  readonly claims: ClaimRules;
  readonly cache: CacheBounds;
}

const day = 24 * 3_600_000;

/** Reads the options; what is wrong is an issue, and reads as something that accepts nothing. */
export function readJwtOptions(
  options: unknown,
  context: BuildContext,
): { readonly options: JwtOptions; readonly reader: Reader } {
  const reader = openReader(options, (path, message) => context.issue(path, message));
  for (const name of ['issuer', 'audience', 'algorithms', 'jwks']) {
    if (!reader.has(name) && !(name === 'jwks' && hasSecret(reader))) context.issue([name], 'is required');
  }
  const audience = reader.texts('audience', []);
  if (reader.has('audience') && audience.length === 0) context.issue(['audience'], 'must name at least one audience');
  const profile = readProfile(reader, context);
  const total: JwtOptions = {
    issuer: reader.text('issuer', ''),
    algorithms: readAlgorithms(reader, context),
    types: readTypes(reader, context, profile),
    isForeign: profile.isForeign,
    claims: {
      audience: new Set(audience),
      roles: readRoleMapping(reader, context),
      scopes: namedClaim(reader.text('scope_claim', 'scope')),
      clockSkewMs: reader.durationMs('clock_skew', '30s', { minMs: 0, maxMs: 600_000 }),
      maxAgeMs: reader.has('max_age')
        ? reader.durationMs('max_age', '1h', { minMs: 1000, maxMs: 3650 * day })
        : undefined,
      requiredClaims: [...profile.required, ...readRequiredClaims(reader, context)],
    },
    cache: readCache(reader.raw('cache') ?? {}, context.at('cache')),
  };
  return { options: total, reader };
}

function readProfile(reader: Reader, context: BuildContext): Profile {
  const name = reader.text('profile', 'access_token');
  const known = Object.entries(profiles).find(([one]) => one === name)?.[1];
  if (known === undefined) context.issue(['profile'], `must be one of ${Object.keys(profiles).join(', ')}`);
  return known ?? profiles.access_token;
}

function readTypes(reader: Reader, context: BuildContext, { types, usualTypes }: Profile): ReadonlySet<string> {
  const named = reader.texts('typ', usualTypes);
  for (const [index, typ] of named.entries()) {
    if (types.length === 0 || types.includes(typ)) continue;
    const possible = types.map((type) => JSON.stringify(type)).join(', ');
    context.issue(['typ', index], `is not of the profile, which has ${possible}`);
  }
  return new Set(named);
}

function readCache(cache: unknown, context: BuildContext): CacheBounds {
  const reader = openReader(cache, (path, message) => context.issue(path, message));
  return {
    maxTokens: reader.integer('max_tokens', 20_000, { min: 0, max: 10_000_000 }),
    maxBytes: reader.bytes('max_bytes', '64MiB', { min: 64 * 1024, max: 4 * 1024 ** 3 }),
  };
}

function readAlgorithms(reader: Reader, context: BuildContext): ReadonlySet<TokenAlgorithm> {
  const names = reader.texts('algorithms', []);
  if (reader.has('algorithms') && names.length === 0) context.issue(['algorithms'], 'must name at least one algorithm');
  // A secret and a set of public keys never serve one identity: a key that is known must not become a secret.
  const secret = hasSecret(reader) && !reader.has('jwks');
  if (hasSecret(reader) && !secret) context.issue(['jwks'], 'must not stand beside a secret: keys are of one class');
  for (const [index, name] of names.entries()) {
    const fault = secret ? faultUnderSecret(name) : faultOfAlgorithm(name);
    if (fault !== undefined) context.issue(['algorithms', index], fault);
  }
  return new Set(names.filter(secret ? isHmac : isAlgorithm));
}

const faultUnderSecret = (name: string): string | undefined =>
  isAlgorithm(name)
    ? `${name} is asymmetric: it needs jwks in place of a secret`
    : isHmac(name)
      ? undefined
      : faultOfAlgorithm(name);

function faultOfAlgorithm(name: string): string | undefined {
  if (isAlgorithm(name)) return undefined;
  if (/^HS\d+$/i.test(name)) {
    return `${name} is symmetric: whoever can check such a token can also make one; use one of ${algorithmNames.join(', ')}`;
  }
  if (/^none$/i.test(name)) return 'an unsigned token proves nothing';
  return `unknown algorithm; known are ${algorithmNames.join(', ')}`;
}
