import type { BuildContext } from '../../core/build.ts';
import { type AlgorithmName, algorithmNames, isAlgorithm } from '../algorithms.ts';
import { openReader, type Reader } from '../options.ts';
import { readRoleMapping } from '../role-mapping.ts';
import { type ClaimRules, namedClaim } from './claims.ts';

/** The total options of a jwt identity, its key set aside. */
export interface JwtOptions {
  readonly issuer: string;
  readonly algorithms: ReadonlySet<string>;
  /** The accepted values of typ; empty text: a token without it. */
  readonly types: ReadonlySet<string>;
  readonly claims: ClaimRules;
}

/** Media types of RFC 9068 section 2.1, spelt as issuers spell them. */
export const accessTokenTypes: readonly string[] = Object.freeze(['at+jwt', 'application/at+jwt']);

const day = 24 * 3_600_000;
const defaultTypes = [...accessTokenTypes, 'JWT', ''] as const;

/** Reads the options; what is wrong is an issue, and reads as something that accepts nothing. */
export function readJwtOptions(
  options: unknown,
  context: BuildContext,
): { readonly options: JwtOptions; readonly reader: Reader } {
  const reader = openReader(options, (path, message) => context.issue(path, message));
  for (const name of ['issuer', 'audience', 'algorithms', 'jwks']) {
    if (!reader.has(name)) context.issue([name], 'is required');
  }
  const audience = reader.texts('audience', []);
  if (reader.has('audience') && audience.length === 0) context.issue(['audience'], 'must name at least one audience');
  const total: JwtOptions = {
    issuer: reader.text('issuer', ''),
    algorithms: readAlgorithms(reader, context),
    types: new Set(reader.texts('typ', defaultTypes)),
    claims: {
      audience: new Set(audience),
      roles: readRoleMapping(reader, context),
      scopes: namedClaim(reader.text('scope_claim', 'scope')),
      clockSkewMs: reader.durationMs('clock_skew', '30s', { minMs: 0, maxMs: 600_000 }),
      maxAgeMs: reader.has('max_age')
        ? reader.durationMs('max_age', '1h', { minMs: 1000, maxMs: 3650 * day })
        : undefined,
      requiredClaims: reader.texts('required_claims', []),
    },
  };
  return { options: total, reader };
}

function readAlgorithms(reader: Reader, context: BuildContext): ReadonlySet<AlgorithmName> {
  const names = reader.texts('algorithms', []);
  if (reader.has('algorithms') && names.length === 0) context.issue(['algorithms'], 'must name at least one algorithm');
  for (const [index, name] of names.entries()) {
    const fault = faultOfAlgorithm(name);
    if (fault !== undefined) context.issue(['algorithms', index], fault);
  }
  return new Set(names.filter(isAlgorithm));
}

function faultOfAlgorithm(name: string): string | undefined {
  if (isAlgorithm(name)) return undefined;
  if (/^HS\d+$/i.test(name)) {
    return `${name} is symmetric: whoever can check such a token can also make one; use one of ${algorithmNames.join(', ')}`;
  }
  if (/^none$/i.test(name)) return 'an unsigned token proves nothing';
  return `unknown algorithm; known are ${algorithmNames.join(', ')}`;
}
