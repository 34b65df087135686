import type { BuildContext, JsonSchema } from '../../core/build.ts';
import { openReader, type Reader } from '../../core/options.ts';
import { type AlgorithmName, algorithmNames, isAlgorithm } from '../algorithms.ts';
import { durationSchema, textSchema, textsSchema } from '../schema.ts';
import { normalTarget } from './target.ts';

/** The total options of DPoP. */
export interface DpopOptions {
  readonly algorithms: ReadonlySet<AlgorithmName>;
  readonly maxAgeMs: number;
  readonly clockSkewMs: number;
  /** How long a nonce of ours is handed out; undefined: none is asked for. */
  readonly nonceLifetimeMs: number | undefined;
  /** What stands before the path in the URLs that clients use, without a slash at its end; undefined: what Envoy says. */
  readonly baseUrl: string | undefined;
}

const defaultAlgorithms: readonly AlgorithmName[] = algorithmNames.filter((name) => !name.startsWith('RS'));

/** The schema of the option dpop. */
export const dpopSchema: JsonSchema = Object.freeze({
  type: 'object',
  additionalProperties: false,
  description:
    'Take tokens with a proof of possession (DPoP, RFC 9449) too. A token that is bound to a key never passes without. Default: none are taken.',
  properties: {
    algorithms: textsSchema(
      `The signature algorithms of proofs that are accepted, of ${algorithmNames.join(', ')}. Default: all but RS256, RS384 and RS512.`,
      { minItems: 1, items: { type: 'string', examples: algorithmNames } },
    ),
    max_age: durationSchema('How old a proof may be, by its iat; at most 10m. Default: 60s.'),
    clock_skew: durationSchema('How far the clocks of clients may differ from ours; at most 5m. Default: 10s.'),
    nonce: {
      type: 'boolean',
      description:
        'Ask for a nonce of ours in every proof (RFC 9449 section 9), so that none is made in advance. Default: false.',
    },
    nonce_lifetime: durationSchema(
      'How long a nonce is handed out, and then still taken; from 10s to 24h. Default: 5m.',
    ),
    base_url: textSchema(
      'The URL that clients know us by, to which the path of a request is added, where Envoy sees another scheme, host or port than they do. Default: what Envoy sees.',
    ),
  },
});

/** Reads the option dpop; what is wrong is an issue, and reads as something that accepts nothing. */
export function readDpop(raw: unknown, context: BuildContext): DpopOptions {
  const reader = openReader(raw, (path, message) => context.issue(path, message));
  const nonce = reader.flag('nonce', false);
  const nonceLifetimeMs = reader.durationMs('nonce_lifetime', '5m', { minMs: 10_000, maxMs: 24 * 3_600_000 });
  if (!nonce && reader.has('nonce_lifetime')) context.issue(['nonce_lifetime'], 'has no meaning without nonce: true');
  return {
    algorithms: readAlgorithms(reader, context),
    maxAgeMs: reader.durationMs('max_age', '60s', { minMs: 1000, maxMs: 600_000 }),
    clockSkewMs: reader.durationMs('clock_skew', '10s', { minMs: 0, maxMs: 300_000 }),
    nonceLifetimeMs: nonce ? nonceLifetimeMs : undefined,
    baseUrl: readBaseUrl(reader, context),
  };
}

function readAlgorithms(reader: Reader, context: BuildContext): ReadonlySet<AlgorithmName> {
  const names = reader.texts('algorithms', defaultAlgorithms);
  if (names.length === 0) context.issue(['algorithms'], 'must name at least one algorithm');
  for (const [index, name] of names.entries()) {
    if (!isAlgorithm(name)) {
      context.issue(['algorithms', index], `must be an asymmetric algorithm, one of ${algorithmNames.join(', ')}`);
    }
  }
  return new Set(names.filter(isAlgorithm));
}

function readBaseUrl(reader: Reader, context: BuildContext): string | undefined {
  if (!reader.has('base_url')) return undefined;
  const url = reader.text('base_url', '').replace(/\/$/, '');
  if (normalTarget(url) === undefined || /[?#]/.test(url)) {
    context.issue(['base_url'], 'must be like "https://api.example.com", with a path in front of ours or none');
  }
  return url;
}
