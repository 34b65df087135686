import type { BuildContext, JsonSchema } from '../core/build.ts';
import { readOtlpEndpoint } from '../core/otlp-endpoint.ts';
import { type FileTarget, fileSchema, readFileTarget } from '../sinks/file-options.ts';
import type { Mask } from './encoder.ts';
import { type FieldName, fields } from './record.ts';

type SinkKind = (typeof sinkKinds)[number];
type SinkKeys = SinkKind | Readonly<Partial<Record<SinkKind, Readonly<Record<string, unknown>>>>>;

/** The config key `access_log` as users write it. */
export interface AccessLogKeys {
  readonly sinks?: readonly SinkKeys[];
  readonly sample?: number;
  readonly mask?: { readonly erase?: readonly FieldName[]; readonly replace?: readonly FieldName[] };
}

/** A sink as configured: plain data, for the thread that opens it. Its name tells several of a kind apart. */
export type SinkSpec = { readonly name: string } & (
  | { readonly kind: 'stdout' }
  | { readonly kind: 'file'; readonly target: FileTarget }
  /** Undefined: the endpoint of telemetry. */
  | { readonly kind: 'otlp'; readonly endpoint: string | undefined }
);

/** What is written of requests that are over, and where to. */
export interface AccessLogSpec {
  readonly sinks: readonly SinkSpec[];
  /** The share of the requests that went well, 0 to 1. */
  readonly sample: number;
  readonly mask: Mask;
}

const sinkKinds = ['stdout', 'file', 'otlp'] as const;
const fieldList = (description: string): JsonSchema => ({
  type: 'array',
  description,
  minItems: 1,
  uniqueItems: true,
  items: { enum: Object.keys(fields) },
});
const sinkSchemas: Readonly<Record<SinkKind, JsonSchema>> = {
  stdout: {
    type: 'object',
    description: 'Requests on standard output, one JSON object a line, each with event_name portcullis.access.',
    additionalProperties: false,
    properties: {},
  },
  file: fileSchema('Requests'),
  otlp: {
    type: 'object',
    description: 'Requests as OpenTelemetry log records. Inactive while there is no endpoint.',
    additionalProperties: false,
    properties: {
      endpoint: {
        type: 'string',
        description:
          'The base URL of an OTLP/HTTP receiver; records go to /v1/logs below it, with the headers of OTEL_EXPORTER_OTLP_HEADERS. Default: telemetry.otlp.endpoint.',
      },
    },
  },
};

/** The schema of the config key `access_log`. */
export const accessLogSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'What is written of requests that are over, as Envoy tells of them on listen.access_log. A change takes effect at the next start. Default: nothing; they are counted alone.',
  additionalProperties: false,
  properties: {
    sinks: {
      type: 'array',
      description: 'Where requests are written, each to all of them. Default: [stdout].',
      minItems: 1,
      uniqueItems: true,
      items: {
        anyOf: [
          { enum: ['stdout', 'otlp'], description: 'A sink without options.' },
          {
            type: 'object',
            description: 'A sink with its options.',
            additionalProperties: false,
            minProperties: 1,
            maxProperties: 1,
            properties: sinkSchemas,
          },
        ],
      },
    },
    sample: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description:
        'The share of the requests that went well that are written, chosen by the trace id, else by the id of the request. What went wrong always is, whoever caused it. Default: 1.',
    },
    mask: {
      type: 'object',
      description: 'What is not written of requests, anywhere. Default: nothing.',
      additionalProperties: false,
      properties: {
        erase: fieldList('Fields that are left out. Default: none.'),
        replace: fieldList('Fields whose value becomes ***. Default: none.'),
      },
    },
  },
});

/** Fills in the defaults of `access_log` and reports what the schema cannot see; undefined where requests are not written. */
export function buildAccessLog(
  keys: AccessLogKeys | undefined,
  context: BuildContext,
  listens: boolean,
): AccessLogSpec | undefined {
  if (keys === undefined) return undefined;
  if (!listens) context.issue([], 'needs listen.access_log: the address where Envoy tells of requests');
  const { sinks = ['stdout'], sample = 1, mask = {} } = keys;
  const seen = new Set<string>();
  const counts = new Map<SinkKind, number>();
  const specs = sinks.flatMap((entry, index): readonly SinkSpec[] => {
    const place = context.at('sinks', index);
    const [kind, options] = typeof entry === 'string' ? [entry, {}] : only(entry);
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    const spec = readSink(kind, options, place.at(...(typeof entry === 'string' ? [] : [kind])));
    if (spec === undefined) return [];
    const key = JSON.stringify(spec);
    if (seen.has(key)) place.issue([], `the sink ${kind} stands here twice`);
    seen.add(key);
    return [{ ...spec, name: count === 1 ? kind : `${kind}-${count}` }];
  });
  return { sinks: specs, sample, mask: { erase: mask.erase ?? [], replace: mask.replace ?? [] } };
}

type Unnamed<S> = S extends unknown ? Omit<S, 'name'> : never;

function readSink(
  kind: SinkKind,
  options: Readonly<Record<string, unknown>>,
  context: BuildContext,
): Unnamed<SinkSpec> | undefined {
  switch (kind) {
    case 'stdout':
      return { kind };
    case 'file': {
      const target = readFileTarget(options, context);
      return target && { kind, target };
    }
    case 'otlp':
      return {
        kind,
        endpoint: readOtlpEndpoint(String(options['endpoint'] ?? ''), (problem) =>
          context.issue(['endpoint'], problem),
        ),
      };
    default:
      return kind satisfies never;
  }
}

/** The one member that the schema lets a sink have. */
function only(entry: Exclude<SinkKeys, string>): readonly [SinkKind, Readonly<Record<string, unknown>>] {
  const kind = sinkKinds.find((one) => Object.hasOwn(entry, one)) ?? 'stdout';
  return [kind, entry[kind] ?? {}];
}
