import { type AccessLogSpec, buildAccessLog } from '../access-log/config.ts';
import { type AuditConfig, buildAudit } from '../audit/index.ts';
import {
  type Authenticator,
  type AuthnDeps,
  buildCertificates,
  buildSigning,
  jwksPage,
  type KeySetSpec,
  authenticators as kinds,
  standIn,
  xfccHeader,
} from '../authn/index.ts';
import { type Authority, buildBindings, buildRoles } from '../authz/index.ts';
import type { BanLookup } from '../core/ban.ts';
import type { BuildContext, Path } from '../core/build.ts';
import type { CredentialPlace } from '../core/credential.ts';
import { identityHeaders } from '../core/decision.ts';
import { foldedName } from '../core/header-name.ts';
import type { JsonObject } from '../core/json.ts';
import type { CounterStore } from '../core/limit.ts';
import type { CredentialNames, Plan } from '../core/plan.ts';
import { type BansConfig, buildBans } from '../detect/bans/out/index.ts';
import { buildDetection, type DetectionSettings } from '../detect/index.ts';
import { buildGuard, type Feed, type FeedSpec, type Feeds } from '../guard/index.ts';
import { buildPoolLimits, type InspectionPool, type PoolLimits } from '../inspect/index.ts';
import { buildDescriptors, buildLimits } from '../limit/index.ts';
import { buildTelemetry, type TelemetryConfig } from '../telemetry/index.ts';
import { type Access, describeAccess } from './access.ts';
import { type AdminSettings, buildAdmin } from './administration.ts';
import type { Config } from './config.ts';
import { buildDenials } from './deny.ts';
import { identitiesWithGroups, identityRoles } from './identity-roles.ts';
import { compileMatch } from './matcher.ts';
import { reportUnknownRoles } from './role-map.ts';
import { type BuiltRule, buildRule, type ReadableRule, type RuleSurroundings } from './rule.ts';
import { buildListen, buildRedis, type ListenSettings, type RedisSettings } from './settings.ts';
import { reportSharedFiles } from './shared-files.ts';

/** The long-lived things that a plan's closures use. */
export interface CompileDeps extends Omit<AuthnDeps, 'certificates'> {
  readonly store: CounterStore;
  /** Counts while the store is away. */
  readonly local: CounterStore;
  /** Looks at large payloads. */
  readonly inspection: InspectionPool;
  /** Lists of addresses that others keep. */
  readonly feeds: Feeds;
  readonly bans: BanLookup;
}

/** A compiled config: the plan, and the remote key sets and lists of addresses that it looks at. */
export interface Compiled {
  readonly plan: Plan;
  readonly keySets: readonly KeySetSpec[];
  readonly feeds: readonly FeedSpec[];
  /** Who may do what. */
  readonly access: Access;
  /** What needs listen.public, by its place in the config. */
  readonly needPublic: readonly Path[];
}

type Named<K extends 'identity' | 'roles' | 'limits'> = Readonly<
  Record<string, NonNullable<Config[K]>[string] | undefined>
>;

/** A config of which some parts are undefined because their shape is bad; their names are known all the same. */
export type CompilableConfig = Omit<Config, 'rules' | 'deny' | 'identity' | 'roles' | 'limits' | 'signing'> & {
  readonly identity?: Named<'identity'>;
  readonly roles?: Named<'roles'>;
  readonly limits?: Named<'limits'>;
  /** Null: its shape is bad. */
  readonly signing?: Config['signing'] | null;
  readonly deny?: readonly (NonNullable<Config['deny']>[number] | undefined)[];
  readonly rules: readonly (ReadableRule | undefined)[];
};

const present = <T>(named: Readonly<Record<string, T | undefined>>): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

/** What is set up once, at the start, for the life of the process. */
export interface Settings {
  readonly listen: ListenSettings;
  readonly redis: RedisSettings;
  readonly telemetry: TelemetryConfig;
  readonly audit: AuditConfig;
  /** Undefined: requests that are over are not written. */
  readonly accessLog: AccessLogSpec | undefined;
  readonly bans: BansConfig;
  readonly detection: DetectionSettings;
  readonly admin: AdminSettings;
  readonly inspection: PoolLimits;
}

/** Fills in the defaults of everything that a plan's closures stand on; issues go to the context. */
export function compileSettings(config: CompilableConfig, context: BuildContext): Settings {
  reportSharedFiles(config, context);
  return {
    listen: buildListen(config.listen, context.at('listen')),
    redis: buildRedis(config.redis, context.at('redis')),
    telemetry: buildTelemetry(config.telemetry, ruleIds(config.rules), context.at('telemetry')),
    audit: buildAudit(config.audit, context.at('audit')),
    accessLog: buildAccessLog(config.access_log, context.at('access_log'), config.listen?.access_log !== undefined),
    bans: buildBans(config.bans, context.at('bans')),
    detection: buildDetection(config.detection, context.at('detection')),
    admin: buildAdmin(config.listen, config.revocation, config.dashboard, context),
    inspection: buildPoolLimits(config.inspection, context.at('inspection')),
  };
}

/** The ids of the rules; undefined where the shape of one is bad, so that its id cannot be told. */
function ruleIds(rules: CompilableConfig['rules']): ReadonlySet<string> | undefined {
  const ids = rules.flatMap((rule) => rule?.id ?? []);
  return ids.length === rules.length ? new Set(ids) : undefined;
}

/**
 * Compiles a config whose shape is good, without any I/O but the files that the context has at hand. Every issue goes to
 * the context; a plan with issues must be thrown away. The version names everything that went into it.
 */
export function compile(
  config: CompilableConfig,
  context: BuildContext,
  deps: CompileDeps,
  version: () => string,
): Compiled {
  const feeds: FeedSpec[] = [];
  const resolve = (spec: FeedSpec): Feed => {
    feeds.push(spec);
    return deps.feeds.resolve(spec);
  };
  const { guard, bans } = buildGuard(config, context, { resolve }, { bans: deps.bans, bannable: canBan(config) });
  const certificates = buildCertificates(config.client_certificate, context.at('client_certificate'));
  const authnDeps: AuthnDeps = { ...deps, certificates: certificates.read };
  const identities = buildIdentities(config.identity ?? {}, context.at('identity'), authnDeps);
  const vouchers = [...identities.values()];
  const revocable = canRevoke(config, vouchers);
  const signing = buildSigning(config.signing, context.at('signing'));
  const authority = buildAuthority(config, context, deps);
  const around: RuleSurroundings = {
    authenticators: identities,
    signing,
    authority,
    denials: buildDenials(config.deny ?? [], authority, context.at('deny')),
    limits: buildLimits(present(config.limits ?? {}), context.at('limits')),
    limitNames: Object.keys(config.limits ?? {}),
    protect: config.protect,
    ...deps,
    bans,
    ...(revocable ? {} : { revocations: { ...deps.revocations, ready: () => true } }),
  };
  const built = buildRules(config.rules, around, context.at('rules'));
  const rules = built.map(({ rule }) => Object.freeze(rule));
  // Where certificates count, nobody behind us may take one for true that we do not.
  const count = config.client_certificate !== undefined || vouchers.some(({ kind }) => kind === 'mtls');
  const distrusted = count && !certificates.trustsHeader ? [xfccHeader] : [];
  const descriptors = buildRateLimit(config.ratelimit, context.at('ratelimit'));
  const plan: Plan = {
    // The last to be asked: by now every file that the config names has been read.
    version: version(),
    guard,
    match: compileMatch(rules),
    rules: Object.freeze(rules),
    ownedHeaders: new Set(
      [...identityHeaders, ...distrusted, ...built.flatMap(({ headers }) => headers)].map(foldedName),
    ),
    credentials: credentialNames(vouchers, [
      { in: 'header', name: xfccHeader },
      ...(vouchers.length > 0 ? [bearer] : []),
    ]),
    revocable,
    identities: new Map(vouchers.map(({ id, kind }) => [id, kind])),
    endpoints: publicPages(vouchers, signing?.publishedKeys ?? []),
    descriptors,
    ready: () => vouchers.filter((one) => !one.ready()).map(({ id }) => id),
  };
  return {
    plan: Object.freeze(plan),
    keySets: vouchers.flatMap(({ keySets }) => keySets),
    feeds,
    access: describeAccess(authority, identityRoles(config.identity ?? {}), config.rules, config.deny ?? []),
    needPublic: vouchers.filter(({ endpoints }) => endpoints.size > 0).map(({ id }) => ['identity', id]),
  };
}

/** Whether somebody can ban: an operator by the admin API, or a detector. */
const canBan = ({ listen, detection }: CompilableConfig): boolean =>
  detection !== undefined || (typeof listen?.admin === 'object' && listen.admin.token_file !== undefined);

/** Whether somebody can take a credential back: an operator by the admin API, or a person by logging out. */
const canRevoke = ({ listen, revocation }: CompilableConfig, vouchers: readonly Authenticator[]): boolean =>
  vouchers.length > 0 &&
  (revocation !== undefined ||
    (typeof listen?.admin === 'object' && listen.admin.token_file !== undefined) ||
    vouchers.some(({ kind }) => kind === 'oidc'));

function publicPages(vouchers: readonly Authenticator[], ownKeys: readonly JsonObject[]): Plan['endpoints'] {
  const keys = [...ownKeys, ...vouchers.flatMap(({ publishedKeys }) => publishedKeys)];
  return new Map([...jwksPage(keys), ...vouchers.flatMap(({ endpoints }) => [...endpoints])]);
}

// Beside a caller whom we vouch for, an Authorization that nobody looked at would speak for somebody else.
const bearer: CredentialPlace = Object.freeze({ in: 'header', name: 'authorization' });

function credentialNames(vouchers: readonly Authenticator[], others: readonly CredentialPlace[]): CredentialNames {
  const places = [...others, ...vouchers.flatMap(({ places: own, companions }) => [...own, ...companions])];
  const named = (kind: CredentialPlace['in']): readonly string[] =>
    places.filter((place) => place.in === kind).map(({ name }) => name);
  return Object.freeze({
    headers: new Set(named('header').map(foldedName)),
    cookies: Object.freeze([...new Set(named('cookie'))]),
    queries: new Set(named('query')),
  });
}

function buildIdentities(
  options: NonNullable<CompilableConfig['identity']>,
  context: BuildContext,
  deps: AuthnDeps,
): ReadonlyMap<string, Authenticator> {
  const identities = new Map<string, Authenticator>();
  for (const [id, named] of Object.entries(options)) {
    if (named === undefined) identities.set(id, standIn(id));
    for (const [kind, { build }] of Object.entries(kinds)) {
      if (named?.[kind] !== undefined) identities.set(id, build(id, named[kind], context.at(id, kind), deps));
    }
  }
  return identities;
}

function buildAuthority(config: CompilableConfig, context: BuildContext, { clock }: CompileDeps): Authority {
  const roles = buildRoles(rolesOf(config.roles ?? {}), context.at('roles'));
  reportUnknownRoles(config.identity ?? {}, roles, context.at('identity'));
  const identities = Object.keys(config.identity ?? {});
  const grouped = identitiesWithGroups(config.identity ?? {});
  return {
    roles,
    bindings: buildBindings(config.bindings, { roles, identities, grouped }, context.at('bindings')),
    clock,
  };
}

// A role whose shape is bad grants nothing, and is no unknown role.
const rolesOf = (roles: NonNullable<CompilableConfig['roles']>): NonNullable<Config['roles']> =>
  Object.fromEntries(Object.entries(roles).map(([name, role]) => [name, role ?? {}]));

function buildRules(
  options: CompilableConfig['rules'],
  around: RuleSurroundings,
  context: BuildContext,
): readonly BuiltRule[] {
  const seen = new Set<string>();
  return options.flatMap((rule, index) => {
    if (rule === undefined) return [];
    const { id } = rule;
    if (id !== undefined && seen.has(id)) context.issue([index, 'id'], `"${id}" is the id of an earlier rule`);
    if (id !== undefined) seen.add(id);
    return [buildRule(rule, around, context.at(index))];
  });
}

function buildRateLimit(options: Config['ratelimit'], context: BuildContext): Plan['descriptors'] {
  if (options === undefined) return undefined;
  return buildDescriptors(context.at('config_dir').directory(options.config_dir) ?? []);
}
