import { clientNetwork } from '../core/client-network.ts';
import { cookiesOf } from '../core/cookie.ts';
import { foldedName } from '../core/header-name.ts';
import type { Observation } from '../core/observation.ts';
import type { CredentialNames } from '../core/plan.ts';
import { queryParameters } from '../core/query.ts';
import type { Reason } from '../core/reason.ts';
import type { ClosedTrail, TrailEntry } from '../core/trail.ts';
import { type Hash, openHash } from './hash.ts';

/** Makes observations of decisions. */
interface Decided {
  /** Undefined where the story is of a body that was looked at after its request was decided. */
  observe(trail: ClosedTrail): Observation | undefined;
}

/**
 * Who comes with last hour's token, or with a good one for somebody else, has not guessed it; and a key that is not known is
 * one of the issuer's, which nobody guesses: when it has changed, or a deploy expects another audience, everybody is refused.
 */
const noGuess: ReadonlySet<Reason> = new Set<Reason>([
  'credential_missing',
  'credential_ambiguous',
  'login_required',
  'token_expired',
  'token_not_yet_valid',
  'token_key_unknown',
  'token_issuer',
  'token_audience',
  'token_type',
  'token_claims',
  'session_expired',
  'client_banned',
  'credential_revoked',
  'api_key_revoked',
  'api_key_expired',
  'api_key_address',
  'origin_mismatch',
  'proof_missing',
  'proof_expired',
  'proof_nonce',
]);
const mostTexts = 16;

/** Opens the making of observations; the seed is random for each process, so that a guess tells nobody what was guessed. */
export function openDecided(seed: number, credentials: () => CredentialNames): Decided {
  const hash = openHash(seed);
  return {
    observe: ({ service, decision, attributes, request, principal, entries, startMs, durationMs }) => {
      if (service === 'process') return undefined;
      const { path = '' } = attributes ?? {};
      const query = path.indexOf('?');
      return {
        stage: 'decided',
        atMs: startMs + durationMs,
        // Before the guard has said so, nobody knows who the client is: the other end may be a proxy that all share.
        network: clientNetwork(request?.clientAddress ?? ''),
        principal: principal?.key,
        guess:
          decision.effect === 'deny' && request !== undefined && isGuess(entries)
            ? presented(request, credentials(), hash)
            : undefined,
        route: decision.rule ?? 'none',
        reason: decision.effect === 'deny' ? decision.reason : 'ok',
        path: query < 0 ? path : path.slice(0, query),
        status: undefined,
        upstreamFailed: false,
        bytesOut: 0,
      };
    },
  };
}

const isGuess = (entries: readonly TrailEntry[]): boolean =>
  entries.some(
    ({ step, shadow, verdict, reason }) =>
      step === 'identify' && !shadow && verdict === 'reject' && reason !== undefined && !noGuess.has(reason),
  );

/** Tells apart what a request showed: all that stands where credentials do, each by itself, for one that is always the same must not hide another. */
function presented(
  { headers, query }: NonNullable<ClosedTrail['request']>,
  names: CredentialNames,
  hash: Hash,
): number {
  const texts: string[] = [];
  for (const [name, values] of headers) {
    // A proof is another one each time, and a certificate is of the connection.
    if (name !== 'dpop' && name !== 'x-forwarded-client-cert' && names.headers.has(foldedName(name)))
      texts.push(...values);
  }
  const cookies = cookiesOf(headers);
  for (const name of names.cookies) texts.push(...(cookies.get(name) ?? []));
  if (names.queries.size > 0 && query !== '') {
    for (const { name, rawValue } of queryParameters(query)) {
      if (name !== undefined && names.queries.has(name)) texts.push(rawValue);
    }
  }
  return hash(
    texts
      .slice(0, mostTexts)
      .map((text) => hash(text))
      .join(),
  );
}
