import type { BuildContext, JsonSchema } from '../core/build.ts';
import type { OpenSink, SinkKind } from './sink.ts';
import { type SinkName, sinks } from './sinks/index.ts';

type SinkKeys = SinkName | Readonly<Partial<Record<SinkName, Readonly<Record<string, unknown>>>>>;

/** The config key `audit` as users write it. */
export interface AuditKeys {
  readonly allow?: { readonly sample?: number };
  readonly sinks?: readonly SinkKeys[];
}

/** A sink as configured. */
interface ConfiguredSink {
  readonly name: SinkName;
  /** Tells sinks with other options apart. */
  readonly key: string;
  readonly open: OpenSink;
}

/** The same with every default filled in. */
export interface AuditConfig {
  /** The share of allows that are written, 0 to 1. */
  readonly allowSample: number;
  readonly sinks: readonly ConfiguredSink[];
}

// Object.keys of a literal of our own.
const names = Object.keys(sinks) as SinkName[];
const kindOf = (name: SinkName): SinkKind => sinks[name];
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
            properties: Object.fromEntries(names.map((name) => [name, kindOf(name).schema])),
          },
        ],
      },
    },
  },
});

/** Fills in the defaults of `audit`, builds its sinks and reports what the schema cannot see. */
export function buildAudit(keys: AuditKeys | undefined, context: BuildContext): AuditConfig {
  const { allow = {}, sinks: listed = ['stdout'] } = keys ?? {};
  const seen = new Set<string>();
  const built = listed.flatMap((entry, index) => {
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
    const at = typeof entry === 'string' ? place : place.at(name);
    return [{ name, key, open: kindOf(name).build(options, at) }];
  });
  return { allowSample: allow.sample ?? 1, sinks: built };
}

function split(entry: SinkKeys) {
  const [name, options] =
    typeof entry === 'string' ? [entry, undefined] : (Object.entries(entry)[0] ?? ['', undefined]);
  const known = names.find((candidate) => candidate === name);
  return known === undefined ? undefined : { name: known, options: options ?? {} };
}
