import { buildIdentityToken, type IdentityTokenOptions, identityTokenSchema, type Signing } from '../authn/index.ts';
import type { BuildContext, JsonSchema } from '../core/build.ts';
import type { Clock } from '../core/clock.ts';
import { type HeaderMutation, identityHeaders } from '../core/decision.ts';
import { foldedName, proxyHeaders } from '../core/header-name.ts';
import type { Rule, Subject } from '../core/plan.ts';
import { isDoubtfulName, isSecretName } from './shape/secret-name.ts';
import { compileTemplate } from './template.ts';

/** A rule's `upstream` as users write it. */
export interface UpstreamOptions {
  readonly set_headers?: Readonly<Record<string, string>>;
  readonly identity_token?: IdentityTokenOptions;
}

/** What headers for the upstream are made with. */
interface UpstreamSurroundings {
  /** Whether the rule takes anyone. */
  readonly anonymous: boolean;
  readonly signing: Signing | undefined;
  readonly clock: Clock;
}

// Envoy refuses a mutation of these, or takes it for a word about the connection or the route.
const isUntouchable = (name: string): boolean => proxyHeaders.has(name) || name.startsWith('x-envoy-');

/** The schema of a rule's `upstream`. */
export const upstreamSchema: JsonSchema = Object.freeze({
  type: 'object',
  description: 'What the upstream gets besides the request. Default: x-user, x-user-source and x-decision-id alone.',
  additionalProperties: false,
  properties: {
    set_headers: {
      type: 'object',
      description:
        'Headers by name; a value may hold references such as {claims.tenant}. A header whose reference has no value is ' +
        'not set. What a client sends under these names never reaches the upstream, on any rule.',
      propertyNames: { format: 'header' },
      additionalProperties: { type: 'string', maxLength: 1024 },
    },
    identity_token: identityTokenSchema,
  },
});

/** The headers that a rule sets for the upstream, and the names of those that are ours alone, in lower case. */
export function buildUpstream(
  options: UpstreamOptions | undefined,
  around: UpstreamSurroundings,
  context: BuildContext,
): { readonly names: readonly string[]; readonly upstream: Rule['upstream'] } {
  const spellings = new Map<string, string>();
  const claimName = (written: string, place: BuildContext): string => {
    const name = written.toLowerCase();
    const spelled = foldedName(name);
    const twin = spellings.get(spelled);
    if (twin !== undefined) place.issue([], `is "${twin}" in another spelling: an upstream may take the two for one`);
    spellings.set(spelled, written);
    if (identityHeaders.includes(spelled)) place.issue([], 'is set by Portcullis itself on every allowed call');
    if (isUntouchable(name)) place.issue([], 'cannot be set: it belongs to the connection or to Envoy');
    return name;
  };
  const headers = Object.entries(options?.set_headers ?? {}).map(([written, text]) => {
    const place = context.at('set_headers', written);
    const name = claimName(written, place);
    const template = compileTemplate(text, place, isDoubtfulName(name));
    if (around.anonymous && template.needsPrincipal) place.issue([], 'needs a principal, and the rule takes anyone');
    // Such a header is a credential for the upstream: explain tells that it is set, and hides its value.
    return { name, fill: template.fill, ...(isSecretName(name) && { secret: true as const }) };
  });
  const set: (subject: Subject) => readonly HeaderMutation[] = (subject) =>
    headers.flatMap(({ fill, ...header }) => {
      const value = fill(subject);
      return value === undefined ? [] : [{ ...header, value }];
    });
  const names = headers.map(({ name }) => name);
  if (options?.identity_token === undefined) return { names, upstream: set };

  const place = context.at('identity_token');
  const token = buildIdentityToken(options.identity_token, around.signing, place, around.clock);
  claimName(token.header, place.at('header'));
  if (around.anonymous) place.issue([], 'needs a principal, and the rule takes anyone');
  return {
    // Authorization is the caller's own where another rule passes it on; a token of ours there proves itself.
    names: token.header === 'authorization' ? names : [...names, token.header],
    upstream: async (subject) =>
      subject.principal === undefined ? set(subject) : [...set(subject), await token.issue(subject.principal)],
  };
}
