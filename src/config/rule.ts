import { type Authenticator, identifySteps, type Signing } from '../authn/index.ts';
import { type Authority, asksForPrincipal, buildRequirement, type RequirementOptions } from '../authz/index.ts';
import type { BanLookup } from '../core/ban.ts';
import type { BuildContext } from '../core/build.ts';
import type { Clock } from '../core/clock.ts';
import type { CounterStore } from '../core/limit.ts';
import type { Mode, Rule } from '../core/plan.ts';
import type { Signals } from '../core/ports.ts';
import type { Revocations } from '../core/revocation.ts';
import { abstain } from '../core/verdict.ts';
import {
  buildInspection,
  buildProcessing,
  type InspectionOptions,
  type InspectionPool,
  mergeProtect,
  type ProcessingOptions,
} from '../inspect/index.ts';
import { type Limit, limitSteps, volumeCounter } from '../limit/index.ts';
import { type Denial, denyFirst } from './deny.ts';
import { buildMatch, type MatchOptions } from './match.ts';
import { suggest } from './shape/suggestion.ts';
import { buildUpstream, type UpstreamOptions } from './upstream.ts';

/** One entry of `rules`, as its schema lets it through. */
export interface RuleOptions extends Omit<InspectionOptions, 'pathParameters' | 'secretPlaces'>, ProcessingOptions {
  readonly id: string;
  readonly match: MatchOptions;
  readonly allow?: 'anonymous';
  readonly identity?: unknown;
  readonly optional?: boolean;
  readonly require?: RequirementOptions;
  readonly limits?: readonly string[];
  readonly upstream?: UpstreamOptions;
  readonly pass_credentials?: boolean;
  readonly mode?: Mode;
}

/** A rule without the parts whose shape is bad: what is left still has issues to tell of. */
export interface ReadableRule extends Partial<RuleOptions> {
  /** Whether `allow` or `identity` is such a part: then it is not known whom the rule takes. */
  readonly callersUnread?: boolean;
}

/** What rules refer to, and what their limits count with. */
export interface RuleSurroundings {
  readonly authenticators: ReadonlyMap<string, Authenticator>;
  readonly authority: Authority;
  /** What is denied whatever the rule says. */
  readonly denials: readonly Denial[];
  readonly limits: ReadonlyMap<string, Limit>;
  /** Names of all configured limits, also of those that have issues of their own. */
  readonly limitNames: readonly string[];
  readonly revocations: Revocations;
  /** The bans that count: exceptions have been made. */
  readonly bans: BanLookup;
  readonly signing: Signing | undefined;
  readonly clock: Clock;
  readonly store: CounterStore;
  readonly local: CounterStore;
  readonly signals: Signals;
  readonly inspection: InspectionPool;
  /** `protect` of the whole config: what a rule does not say itself. */
  readonly protect: InspectionOptions['protect'];
}

/** A compiled rule, and the upstream headers that it may set. */
export interface BuiltRule {
  readonly rule: Rule;
  readonly headers: readonly string[];
}

/** Compiles one rule; issues are reported at the context, which is the rule's. */
export function buildRule(options: ReadableRule, around: RuleSurroundings, context: BuildContext): BuiltRule {
  const { id = '', mode = 'enforce', optional = false, callersUnread = false } = options;
  const anonymous = options.allow === 'anonymous';
  if (anonymous && options.identity !== undefined)
    context.issue(['allow'], 'contradicts identity: name one of the two');
  if (anonymous && optional) context.issue(['optional'], 'has no meaning where anyone is allowed');
  if (!anonymous && !callersUnread && options.identity === undefined) {
    context.issue([], 'needs an identity, or allow: anonymous');
  }

  if (anonymous && asksForPrincipal(options.require)) {
    context.issue(['require'], 'asks for a principal, and the rule takes anyone: no request would pass');
  }

  const { consider, pathNames } = buildMatch(options.match, context.at('match'));
  const scope = { ...around.authority, pathNames };
  const limits = findLimits(options.limits ?? [], anonymous, around, context.at('limits'));
  const { early, late } = limitSteps(limits, around, mode);
  const { names, upstream } = buildUpstream(options.upstream, { anonymous, ...around }, context.at('upstream'));
  const { payload, parameters, sanitize, leaks } = options;
  const protect = mergeProtect(around.protect, options.protect);
  const rule: Rule = {
    id,
    mode,
    consider,
    limitEarly: early,
    ...buildIdentify(options, around, context.at('identity')),
    authorize: denyFirst(around.denials, buildRequirement(options.require, scope, context.at('require'))),
    limitLate: late,
    inspect: buildInspection(
      { payload, parameters, protect, secretPlaces: secretPlaces(around), pathParameters: pathNames },
      context,
      around.inspection,
    ),
    processing: buildProcessing({ sanitize, leaks }, context, around.inspection, volumeCounter(limits, around, mode)),
    upstream,
    passCredentials: options.pass_credentials ?? false,
  };
  return { rule, headers: names };
}

/** Where any identity takes its credentials, in the words of findings. */
const secretPlaces = ({ authenticators }: RuleSurroundings): readonly string[] =>
  [...authenticators.values()].flatMap(({ places, companions }) =>
    [...places, ...companions].map((place) => `${place.in}.${place.name}`),
  );

type IdentifySteps = Pick<Rule, 'identify' | 'sightings' | 'stepUp'>;

const takesAnyone: IdentifySteps = Object.freeze({
  identify: async () => abstain(),
  sightings: () => [],
  stepUp: async (_subject, rejection) => rejection,
} satisfies IdentifySteps);

function buildIdentify(options: ReadableRule, around: RuleSurroundings, context: BuildContext): IdentifySteps {
  const { identity: selection, optional = false, mode = 'enforce' } = options;
  if (selection === undefined) return takesAnyone;
  const { authenticators, revocations, bans } = around;
  return identifySteps({ selection, optional, mode, authenticators, revocations, bans, context });
}

function findLimits(
  names: readonly string[],
  anonymous: boolean,
  { limits, limitNames }: Pick<RuleSurroundings, 'limits' | 'limitNames'>,
  context: BuildContext,
): readonly Limit[] {
  return names.flatMap((name, index) => {
    if (!limitNames.includes(name)) {
      const meant = suggest(name, limitNames);
      const hint = meant === undefined ? `known are ${limitNames.join(', ') || 'none'}` : `did you mean ${meant}?`;
      context.issue([index], `unknown limit "${name}"; ${hint}`);
    }
    const limit = limits.get(name);
    if (limit === undefined) return [];
    if (anonymous && limit.needsPrincipal) {
      context.issue([index], `the limit "${name}" is kept by the principal, and the rule takes anyone`);
    }
    return [limit];
  });
}
