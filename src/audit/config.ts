import type { BuildContext, JsonSchema } from '../core/build.ts';
import { buildFloods, type FloodConfig, type FloodKeys, floodSchema } from './floods.ts';
import { readSigner, type Signer } from './signing.ts';
import type { OpenSink, SinkKind } from './sink.ts';
import { type SinkName, sinks } from './sinks/index.ts';
import { buildSpool, type DeliveryName, deliveryNames, type SpoolKeys, spoolSchema } from './spool/config.ts';
import type { SpoolConfig } from './spool/spool.ts';
import { buildView, type View, viewSchema } from './view.ts';

type SinkKeys = SinkName | Readonly<Partial<Record<SinkName, Readonly<Record<string, unknown>>>>>;

/** The config key `audit` as users write it. */
export interface AuditKeys {
  readonly allow?: { readonly sample?: number };
  readonly floods?: FloodKeys;
  readonly delivery?: DeliveryName;
  readonly spool?: SpoolKeys;
  readonly signing_key_file?: string;
  readonly sinks?: readonly SinkKeys[];
}

/** A sink as configured. */
interface ConfiguredSink {
  readonly name: SinkName;
  /** Tells sinks with other options apart. */
  readonly key: string;
  /** Its name among the sinks: that of its kind, with a number where there are several. */
  readonly label: string;
  readonly open: OpenSink;
  readonly view: View;
  /** Digests of the files that it was built of: tokens, certificates. */
  readonly files: readonly string[];
}

/** The same with every default filled in. */
export interface AuditConfig {
  /** The share of allows that are written, 0 to 1. */
  readonly allowSample: number;
  /** When denials that repeat others are told together. */
  readonly floods: FloodConfig;
  /** Where events wait on disk; undefined: they wait in memory. */
  readonly spool: SpoolConfig | undefined;
  /** Whether a call that cannot be recorded is refused. */
  readonly strict: boolean;
  /** Tells configs apart that cannot be changed while we run. */
  readonly key: string;
  /** Vouches for chains; undefined: nobody does. */
  readonly signer: Signer | undefined;
  readonly sinks: readonly ConfiguredSink[];
}

// Object.keys of a literal of our own.
const names = Object.keys(sinks) as SinkName[];
const kindOf = (name: SinkName): SinkKind => sinks[name];
/** What a kind says of its options, with those that every sink has. */
const schemaOf = (name: SinkName): JsonSchema => {
  const { schema } = kindOf(name);
  // A schema of ours: an object with properties.
  return { ...schema, properties: { ...(schema['properties'] as object), ...viewSchema } };
};
const plainNames = names.filter((name) => kindOf(name).schema['required'] === undefined);

/** The schema of the config key `audit`. */
export const auditSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'What is written down of decisions, reloads, start and stop: OCSF 1.8.0 events. Default: all, on stdout.',
  additionalProperties: false,
  properties: {
    allow: {
      type: 'object',
      description: 'Which allows are written. Denials always are. Default: every allow.',
      additionalProperties: false,
      properties: {
        sample: {
          type: 'number',
          minimum: 0,
          maximum: 1,
          description: 'The share of allows that are written, chosen by the decision id. Default: 1.',
        },
      },
    },
    floods: floodSchema,
    delivery: {
      enum: deliveryNames,
      description:
        'best_effort: events wait for their sinks in memory. spool: on disk, over restarts. strict: as spool, and a call whose event cannot be written there is refused (503, audit_unavailable) before it is answered. Nobody waits for a sink. Default: best_effort.',
    },
    spool: spoolSchema,
    signing_key_file: {
      type: 'string',
      minLength: 1,
      description:
        'A file with a private Ed25519 key as PEM, which signs a checkpoint of each chain of events every 60 s or 10,000 events. Default: none; events are chained, and nobody vouches for the chain.',
    },
    sinks: {
      type: 'array',
      description: 'Where events go, each to all of them. Default: [stdout].',
      minItems: 1,
      uniqueItems: true,
      items: {
        anyOf: [
          { enum: plainNames, description: 'A sink without options.' },
          {
            type: 'object',
            description: 'A sink with its options.',
            additionalProperties: false,
            minProperties: 1,
            maxProperties: 1,
            properties: Object.fromEntries(names.map((name) => [name, schemaOf(name)])),
          },
        ],
      },
    },
  },
});

/** Fills in the defaults of `audit`, builds its sinks and reports what the schema cannot see. */
export function buildAudit(keys: AuditKeys | undefined, context: BuildContext): AuditConfig {
  const { allow = {}, sinks: listed = ['stdout'], signing_key_file: keyFile } = keys ?? {};
  const signer = keyFile === undefined ? undefined : readSigner(keyFile, context.at('signing_key_file'));
  const sinks = buildSinks(listed, context);
  const delivery = keys?.delivery ?? 'best_effort';
  const spool = buildSpool(delivery, keys?.spool, context.at('spool'));
  const floods = buildFloods(keys?.floods, context.at('floods'));
  const key = JSON.stringify([delivery, spool, floods, signer?.keyId, sinks.map((sink) => [sink.key, sink.files])]);
  return { allowSample: allow.sample ?? 1, signer, sinks, spool, floods, strict: delivery === 'strict', key };
}

function buildSinks(listed: readonly SinkKeys[], context: BuildContext): readonly ConfiguredSink[] {
  const seen = new Set<string>();
  const counts = new Map<SinkName, number>();
  return listed.flatMap((entry, index) => {
    const place = context.at('sinks', index);
    const found = split(entry);
    if (found === undefined) {
      place.issue([], `must be one of ${names.join(', ')}`);
      return [];
    }
    const { name, options } = found;
    const key = JSON.stringify([name, options]);
    if (seen.has(key)) place.issue([], `the sink ${name} stands here twice`);
    seen.add(key);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const label = count === 1 ? name : `${name}-${count}`;
    const at = typeof entry === 'string' ? place : place.at(name);
    const view = buildView(options, at);
    const format = { json: view.encoding.braces !== undefined };
    const files: string[] = [];
    const open = kindOf(name).build(options, noting(at, files), format);
    return [{ name, key, label, view, open, files }];
  });
}

/** The same context, which notes the digest of each file that is read through it. */
const noting = (context: BuildContext, digests: string[]): BuildContext => ({
  ...context,
  at: (...path) => noting(context.at(...path), digests),
  file: (name) => {
    const file = context.file(name);
    if (file !== undefined) digests.push(file.digest);
    return file;
  },
});

function split(entry: SinkKeys) {
  const [name, options] =
    typeof entry === 'string' ? [entry, undefined] : (Object.entries(entry)[0] ?? ['', undefined]);
  const known = names.find((candidate) => candidate === name);
  return known === undefined ? undefined : { name: known, options: options ?? {} };
}
