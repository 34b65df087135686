import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { BuildContext, JsonSchema } from '../../core/build.ts';
import { claimReader } from '../../core/claim.ts';
import type { Clock } from '../../core/clock.ts';
import type { HeaderMutation } from '../../core/decision.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Principal } from '../../core/principal.ts';
import { parseDurationMs } from '../../core/units.ts';
import type { Signing } from './index.ts';

/** A rule's `upstream.identity_token` as users write it. */
export interface IdentityTokenOptions {
  readonly audience: string;
  readonly header?: string;
  readonly lifetime?: string;
  readonly claims?: readonly string[];
}

/** What hands a signed word on the principal to the upstream. */
interface IdentityToken {
  /** The header that carries it, in lower case. */
  readonly header: string;
  issue(principal: Principal): Promise<HeaderMutation>;
}

const defaults = { header: 'x-identity-token', lifetime: '60s' } as const;
const bounds = { minMs: 5000, maxMs: 3_600_000 } as const;
const maxTokens = 10_000;
/** Claims that say what the gateway itself says; a principal's own claims of these names are not copied. */
const own: ReadonlySet<string> = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'source', 'roles', 'scope']);

/** The schema of a rule's `upstream.identity_token`. */
export const identityTokenSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'A short-lived JWT of our own that tells the upstream who calls: iss, aud, sub (the principal’s id), source, roles, ' +
    'scope, iat, exp, jti and chosen claims. It needs `signing`. Default: none.',
  additionalProperties: false,
  required: ['audience'],
  properties: {
    audience: {
      type: 'string',
      minLength: 1,
      maxLength: 256,
      description: 'The aud of the token: the upstream that it is for. Required.',
    },
    header: {
      type: 'string',
      format: 'header',
      description:
        'The header that carries it; authorization carries it as a bearer token in the place of the caller’s own. ' +
        `Default: ${defaults.header}.`,
    },
    lifetime: {
      type: 'string',
      format: 'duration',
      description: `How long it is good, 5s to 1h; never longer than the caller’s credential. Default: ${defaults.lifetime}.`,
    },
    claims: {
      type: 'array',
      uniqueItems: true,
      maxItems: 64,
      items: { type: 'string', minLength: 1, maxLength: 256 },
      description: 'Claims of the caller that it repeats, by name or by a dotted path. Default: none.',
    },
  },
});

/** Compiles `upstream.identity_token`; issues are reported at the context, which is that of the option. */
export function buildIdentityToken(
  options: IdentityTokenOptions,
  signing: Signing | undefined,
  context: BuildContext,
  clock: Clock,
): IdentityToken {
  const { audience, header = defaults.header, lifetime = defaults.lifetime, claims = [] } = options;
  const lifetimeMs = parseDurationMs(lifetime) ?? 0;
  if (lifetimeMs < bounds.minMs || lifetimeMs > bounds.maxMs) context.issue(['lifetime'], 'must be from 5s to 1h');
  for (const [index, name] of claims.entries()) {
    if (own.has(name)) context.issue(['claims', index], `"${name}" is said by the token itself`);
  }
  if (signing === undefined) context.issue([], 'needs keys to sign with: set `signing` at the top of the config');
  const name = header.toLowerCase();
  const readers = claims.map((claim) => ({ claim, read: claimReader(claim) }));
  const issued = new LRUCache<string, { readonly token: Promise<string>; readonly renewMs: number }>({
    max: maxTokens,
  });

  const tokenFor = (principal: Principal): Promise<string> => {
    if (signing === undefined) throw new TypeError('there is no key to sign with');
    const said = saidOf(principal, readers);
    const key = JSON.stringify([said, principal.expiresMs]);
    const nowMs = clock.nowMs();
    const before = issued.get(key);
    if (before !== undefined && nowMs < before.renewMs) return before.token;
    const endMs = Math.min(nowMs + lifetimeMs, principal.expiresMs ?? Number.POSITIVE_INFINITY);
    const iat = Math.floor(nowMs / 1000);
    // A credential in its clock-skew grace has ended on paper; a token that has never been good helps nobody.
    const exp = Math.max(iat + 1, Math.floor(endMs / 1000));
    const token = signing.sign({ iss: signing.issuer, aud: audience, ...said, iat, exp, jti: randomUUID() });
    // Renewed at half its life, so that an upstream always gets one that will last for its own work.
    issued.set(key, { token, renewMs: nowMs + (exp * 1000 - nowMs) / 2 });
    token.catch(() => issued.delete(key));
    return token;
  };

  return {
    header: name,
    issue: async (principal) => {
      const token = await tokenFor(principal);
      return { name, value: name === 'authorization' ? `Bearer ${token}` : token, secret: true };
    },
  };
}

type ClaimReader = { readonly claim: string; readonly read: ReturnType<typeof claimReader> };

/** What a token says of a principal, besides when and for whom it was made. */
function saidOf(principal: Principal, readers: readonly ClaimReader[]): JsonObject {
  const { id, source, roles, scopes, claims } = principal;
  const chosen: (readonly [string, Json])[] = readers.flatMap(({ claim, read }) => {
    const value = read(claims);
    return value === undefined ? [] : [[claim, value] as const];
  });
  return {
    // fromEntries makes own members of whatever name, __proto__ too.
    ...Object.fromEntries(chosen),
    sub: id,
    source,
    ...(roles.size === 0 ? {} : { roles: [...roles] }),
    ...(scopes.size === 0 ? {} : { scope: [...scopes].join(' ') }),
  };
}
