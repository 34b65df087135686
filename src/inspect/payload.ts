import type { BuildContext, Report } from '../core/build.ts';
import { isObject } from '../core/json.ts';
import { parseStrictJson } from '../core/strict-json.ts';
import { parseBytes } from '../core/units.ts';
import { pass, type Reject, reject } from '../core/verdict.ts';
import { buildAdmission } from './body.ts';
import type { Inspect, Inspection, PayloadOptions } from './inspection.ts';
import { payloadSchema } from './payload-schema.ts';
import { compileSchema, type Matcher, type Mismatch } from './schema-compile.ts';

const maxMismatches = 10;
const maxPointerLength = 256;

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

/** Names of members are the caller's: a long pointer ends at an ancestor. */
const clip = (pointer: string): string =>
  pointer.length <= maxPointerLength ? pointer : pointer.slice(0, pointer.lastIndexOf('/', maxPointerLength));

function mismatched(mismatches: readonly [Mismatch, ...Mismatch[]]): Reject {
  const [first] = mismatches;
  const { keyword, member } = first;
  const pointer = clip(first.pointer);
  const expose = { pointer, keyword, ...(member === undefined ? {} : { member }) };
  const mismatchList = mismatches.slice(0, maxMismatches).map((each) => `${clip(each.pointer)} ${each.keyword}`);
  const detail = { inspection: 'payload', ...expose, schemaPath: first.schemaPath, mismatches: mismatchList };
  return reject('body_mismatch', detail, { expose });
}

/** What the check of a body is made of: plain data, schema read. */
interface PayloadSpec {
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly contentTypes: readonly string[];
  readonly schema: object | undefined;
}

function checksOf({ maxBytes, maxDepth, contentTypes }: PayloadSpec, matcher: Matcher | undefined): Inspect {
  const admit = buildAdmission({ maxBytes, contentTypes });
  return (subject) => {
    const body = admit(subject);
    if (!(body instanceof Uint8Array)) return body;
    const parsed = parseStrictJson(body, { maxBytes, maxDepth });
    if (!parsed.ok) {
      const expose = { pointer: parsed.pointer, problem: parsed.problem };
      return reject('body_malformed', { inspection: 'payload', ...expose }, { expose });
    }
    const [first, ...rest] = matcher?.(parsed.value) ?? [];
    return first === undefined ? pass() : mismatched([first, ...rest]);
  };
}

/** The body: strict JSON (RFC 8259) that matches a JSON Schema. */
export const payloadInspection: Inspection = Object.freeze({
  key: 'payload',
  schema: payloadSchema,
  heavy: true,
  build({ payload }, context) {
    if (payload === undefined) return undefined;
    const below = context.at('payload');
    const { document, matcher } = resolveSchema(payload, below);
    const spec: PayloadSpec = {
      maxBytes: resolveMaxBytes(payload, below),
      maxDepth: payload.max_depth ?? 64,
      contentTypes: [...(payload.content_types ?? ['application/json', 'application/*+json'])],
      schema: document,
    };
    return {
      spec,
      inspect: checksOf(spec, matcher),
      onFailure: payload.on_failure ?? 'deny',
      mode: payload.mode ?? 'enforce',
    };
  },
  compile(given) {
    // The very spec that build gave.
    const spec = given as PayloadSpec;
    return checksOf(spec, spec.schema === undefined ? undefined : compileSchema(spec.schema, () => {}));
  },
} satisfies Inspection);
