import { type AccessLogKeys, accessLogSchema } from '../access-log/config.ts';
import { type AuditKeys, auditSchema } from '../audit/index.ts';
import {
  authenticators,
  type ClientCertificateOptions,
  clientCertificateSchema,
  identitySelectionSchema,
  type SigningOptions,
  signingSchema,
} from '../authn/index.ts';
import {
  type BindingsOptions,
  bindingsSchema,
  type RolesOptions,
  requirementDefs,
  requirementSchema,
  rolesSchema,
} from '../authz/index.ts';
import type { JsonSchema } from '../core/build.ts';
import { type BansOptions, bansSchema } from '../detect/bans/out/index.ts';
import { type DetectionOptions, detectionSchema } from '../detect/index.ts';
import { type GuardOptions, guardSchemas } from '../guard/index.ts';
import {
  type InspectionLimitOptions,
  inspectionLimitsSchema,
  leaksSchema,
  type ProtectOptions,
  parametersSchema,
  payloadSchema,
  protectSchema,
  sanitizeSchema,
} from '../inspect/index.ts';
import { type LimitOptions, limitSchema } from '../limit/index.ts';
import { type TelemetryKeys, telemetrySchema } from '../telemetry/index.ts';
import { type DashboardOptions, dashboardSchema, type RevocationOptions, revocationSchema } from './administration.ts';
import { type DenyOptions, denySchema } from './deny.ts';
import type { RuleOptions } from './rule.ts';
import { matchSchema, ruleSchema } from './rule-schema.ts';
import { type ListenOptions, listenSchema, type RedisOptions, redisSchema } from './settings.ts';
import { type TestOptions, testsSchema } from './tests.ts';
import { upstreamSchema } from './upstream.ts';

/** The whole config, as its schema lets it through. */
export interface Config extends GuardOptions {
  readonly version: 1;
  readonly listen?: ListenOptions;
  readonly redis?: RedisOptions;
  readonly client_certificate?: ClientCertificateOptions;
  /** Identities by id; each names exactly one kind. */
  readonly identity?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly signing?: SigningOptions;
  readonly roles?: RolesOptions;
  readonly bindings?: BindingsOptions;
  readonly limits?: Readonly<Record<string, LimitOptions>>;
  readonly ratelimit?: { readonly config_dir: string };
  readonly deny?: readonly DenyOptions[];
  readonly protect?: ProtectOptions;
  readonly inspection?: InspectionLimitOptions;
  readonly rules: readonly RuleOptions[];
  readonly revocation?: RevocationOptions;
  readonly audit?: AuditKeys;
  readonly access_log?: AccessLogKeys;
  readonly bans?: BansOptions;
  readonly dashboard?: DashboardOptions;
  readonly detection?: DetectionOptions;
  readonly telemetry?: TelemetryKeys;
  readonly tests?: readonly TestOptions[];
}

const kindSchemas = Object.fromEntries(Object.entries(authenticators).map(([kind, { schema }]) => [kind, schema]));

/** The schema of the whole config: what every room says of its own keys, put together. */
export const configSchema: JsonSchema = Object.freeze({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Portcullis',
  type: 'object',
  additionalProperties: false,
  required: ['version', 'rules'],
  properties: {
    version: { const: 1, description: 'The version of this grammar. Required.' },
    listen: listenSchema,
    redis: redisSchema,
    ...guardSchemas,
    client_certificate: clientCertificateSchema,
    identity: {
      type: 'object',
      description: 'Ways to prove who one is, by name. Default: none.',
      propertyNames: { format: 'identifier' },
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        minProperties: 1,
        maxProperties: 1,
        properties: kindSchemas,
      },
    },
    signing: signingSchema,
    roles: rolesSchema,
    bindings: bindingsSchema,
    limits: {
      type: 'object',
      description: 'Limits by name, for the rules to use. Default: none.',
      propertyNames: { format: 'identifier' },
      additionalProperties: limitSchema,
    },
    ratelimit: {
      type: 'object',
      description: 'Limits for Envoy’s rate-limit filter. Default: the service answers that nothing is configured.',
      additionalProperties: false,
      required: ['config_dir'],
      properties: {
        config_dir: {
          type: 'string',
          description: 'A directory of files in the grammar of envoyproxy/ratelimit, one domain a file. Required.',
        },
      },
    },
    deny: denySchema(matchSchema([], 'Which requests it takes. Default: any request.')),
    protect: protectSchema,
    inspection: inspectionLimitsSchema,
    rules: {
      type: 'array',
      description: 'First match wins; a request that no rule matches is denied. Required.',
      items: ruleSchema({
        identity: identitySelectionSchema,
        require: requirementSchema,
        payload: payloadSchema,
        parameters: parametersSchema,
        protect: protectSchema,
        sanitize: sanitizeSchema,
        leaks: leaksSchema,
        upstream: upstreamSchema,
      }),
    },
    revocation: revocationSchema,
    audit: auditSchema,
    access_log: accessLogSchema,
    bans: bansSchema,
    dashboard: dashboardSchema,
    detection: detectionSchema,
    telemetry: telemetrySchema,
    tests: testsSchema,
  },
  $defs: requirementDefs,
});
