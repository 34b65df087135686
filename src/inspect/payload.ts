import type { BuildContext, Report } from '../core/build.ts';
import { isObject } from '../core/json.ts';
import { parseBytes } from '../core/units.ts';
import { pass, type Verdict } from '../core/verdict.ts';
import type { ContentLimits } from './content/content.ts';
import { formatOf } from './content/format.ts';
import { mediaTypeList } from './content/media-type.ts';
import { hasNoBody } from './content/presence.ts';
import { admit } from './contract/admission.ts';
import { type BodyReader, readBody } from './contract/body.ts';
import { withinStack } from './contract/bounded.ts';
import { buildCallCheck } from './contract/call.ts';
import { checkGraphqlUrl } from './contract/graphql-call.ts';
import { boundsOf, type GraphqlBounds } from './contract/graphql-check.ts';
import {
  type ContractSpec,
  type KnownContract,
  knownContract,
  openContract,
  reopenContract,
  sharedJson,
} from './contract/known-contracts.ts';
import { matchLines } from './contract/openapi/bodies.ts';
import type { Contract } from './contract/openapi/contract.ts';
import { provenBy } from './contract/proven.ts';
import { mismatched } from './contract/refusals.ts';
import { compileSchema, type Matcher } from './contract/schema-compile.ts';
import { openShapes } from './contract/shape.ts';
import type { Inspect, Inspection, PayloadOptions } from './inspection.ts';
import { payloadSchema } from './payload-schema.ts';
import type { Reading } from './reading.ts';

/** A schema as it was read, and compiled; both undefined where there is none or it has issues. */
interface ResolvedSchema {
  readonly document: object | undefined;
  readonly matcher: Matcher | undefined;
}

const noSchema: ResolvedSchema = { document: undefined, matcher: undefined };

function resolveSchema(options: PayloadOptions, context: BuildContext): ResolvedSchema {
  const { schema, schema_file: name } = options;
  if (schema !== undefined && name !== undefined) {
    context.issue(['schema'], 'stands beside schema_file; keep one of the two');
    return noSchema;
  }
  if (schema !== undefined) {
    const report: Report = (path, message) => context.issue(['schema', ...path], message);
    return { document: schema, matcher: compileSchema(schema, report) };
  }
  if (name === undefined) return noSchema;
  const file = context.at('schema_file').file(name);
  const document = file?.document();
  if (file === undefined || document === undefined) return noSchema;
  const matcher = compileSchema(document, (path, message) => file.issue(path, message));
  return matcher === undefined || !isObject(document) ? noSchema : { document, matcher };
}

function resolveMaxBytes(options: PayloadOptions, context: BuildContext): number {
  const bytes = parseBytes(options.max_bytes ?? '64KiB') ?? 0;
  if (bytes < 1) context.issue(['max_bytes'], 'not a size of at least 1 byte, such as 64KiB');
  return bytes;
}

const jsonTypes = ['application/json', 'application/*+json'];
const draft07 = /draft-07/;

function resolveContract(options: PayloadOptions, context: BuildContext): KnownContract | undefined {
  const { openapi_file: name, base_path: basePath } = options;
  if (name === undefined) {
    if (basePath !== undefined) context.issue(['base_path'], 'has a meaning only beside openapi_file');
    if (options.strict !== undefined) context.issue(['strict'], 'has a meaning only beside openapi_file');
    return undefined;
  }
  for (const key of ['schema', 'schema_file', 'content_types', 'graphql'] as const) {
    if (options[key] !== undefined)
      context.issue([key], 'stands beside openapi_file, which says it for every operation');
  }
  const file = context.at('openapi_file').file(name);
  if (file === undefined) return undefined;
  const { digest } = file;
  const before = knownContract({ digest, basePath });
  if (before !== undefined) return before;
  const document = file.document();
  if (document === undefined) return undefined;
  return openContract({ digest, json: sharedJson(document), basePath }, (path, message) => file.issue(path, message));
}

/** Issues of media types that no schema can be held against. */
function checkTypes(types: readonly string[], schema: object | undefined, context: BuildContext): void {
  if (schema === undefined) return;
  for (const [index, type] of types.entries()) {
    const format = formatOf(type)?.format ?? (type.toLowerCase() === 'multipart/form-data' ? 'multipart' : 'binary');
    if (format === 'xml' || format === 'grpc' || format === 'binary')
      context.issue(['content_types', index], `no schema can be held against ${type}`);
  }
}

/** What the check of a body is made of: plain data, files read. */
interface PayloadSpec {
  readonly limits: ContentLimits;
  readonly contentTypes: readonly string[];
  readonly schema: object | undefined;
  readonly graphql: GraphqlBounds | undefined;
  readonly contract: ContractSpec | undefined;
  readonly strict: boolean;
}

interface Compiled {
  readonly matcher: Matcher | undefined;
  readonly contract: Contract | undefined;
}

/** The check of bodies that all have one schema, or none. */
function bodyCheck({ limits, contentTypes, schema, graphql }: PayloadSpec, matcher: Matcher | undefined): Inspect {
  const bounds = { maxBytes: limits.maxBytes, accepts: mediaTypeList(contentTypes), listed: contentTypes };
  const reader: BodyReader = { limits, graphql };
  const legacy = isObject(schema) && draft07.test(String(schema['$schema']));
  const shape = openShapes(schema, legacy)(schema);
  const match = (reading: Reading): Verdict => {
    const { content } = reading;
    if (matcher === undefined || content?.value === undefined) return pass();
    const [first, ...rest] = content.format === 'ndjson' ? matchLines(matcher, content.value) : matcher(content.value);
    if (first !== undefined) return mismatched([first, ...rest]);
    reading.proven = provenBy(shape, content);
    return pass();
  };
  return ({ request }, reading) => {
    if (graphql !== undefined) {
      const refused = checkGraphqlUrl(request, graphql, limits.maxDepth);
      if (refused !== undefined) return refused;
      if (request.method === 'GET' && hasNoBody(request)) return pass();
    }
    const admitted = admit(request, bounds);
    if ('kind' in admitted) return admitted;
    const content = readBody(admitted, reader, reading);
    return 'kind' in content ? content : match(reading);
  };
}

function checksOf(spec: PayloadSpec, { matcher, contract }: Compiled): Inspect {
  if (contract === undefined) {
    const check = bodyCheck(spec, matcher);
    return (subject, reading) => withinStack(() => check(subject, reading));
  }
  const { limits, strict } = spec;
  const check = buildCallCheck({ contract, strict, reader: { limits, graphql: undefined } });
  return ({ request }, reading) => withinStack(() => check(request, reading));
}

/** Bodies, and with an OpenAPI contract whole calls: read strictly, and as the contract says. */
export const payloadInspection: Inspection = Object.freeze({
  key: 'payload',
  schema: payloadSchema,
  heavy: true,
  build({ payload }, context) {
    if (payload === undefined) return undefined;
    const below = context.at('payload');
    const { document, matcher } = resolveSchema(payload, below);
    const called = resolveContract(payload, below);
    const contentTypes = [
      ...(payload.content_types ?? (payload.graphql === undefined ? jsonTypes : [...jsonTypes, 'application/graphql'])),
    ];
    checkTypes(contentTypes, document, below);
    const spec: PayloadSpec = {
      limits: {
        maxBytes: resolveMaxBytes(payload, below),
        maxDepth: payload.max_depth ?? 64,
        maxFields: payload.max_fields ?? 100_000,
        maxParts: payload.max_parts ?? 100,
      },
      contentTypes,
      schema: document,
      graphql: payload.graphql && boundsOf(payload.graphql),
      contract: called?.spec,
      strict: payload.strict ?? false,
    };
    return {
      spec,
      inspect: checksOf(spec, { matcher, contract: called?.contract }),
      onFailure: payload.on_failure ?? 'deny',
      mode: payload.mode ?? 'enforce',
    };
  },
  compile(given) {
    // The very spec that build gave.
    const spec = given as PayloadSpec;
    return checksOf(spec, {
      matcher: spec.schema === undefined ? undefined : compileSchema(spec.schema, () => {}),
      contract: spec.contract && reopenContract(spec.contract),
    });
  },
} satisfies Inspection);
