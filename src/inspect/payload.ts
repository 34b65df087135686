import { errorName } from '../core/bug.ts';
import type { BuildContext } from '../core/build.ts';
import type { Subject } from '../core/plan.ts';
import { parseStrictJson } from '../core/strict-json.ts';
import { parseBytes } from '../core/units.ts';
import { abstain, fail, pass, passWith, type Reject, reject, type Verdict } from '../core/verdict.ts';
import { buildAdmission } from './body.ts';
import type { Inspect, Inspection, PayloadOptions } from './inspection.ts';
import { payloadSchema } from './payload-schema.ts';
import { compileSchema, type Matcher, type Mismatch } from './schema-compile.ts';

const maxMismatches = 10;
const maxPointerLength = 256;

function resolveMatcher(options: PayloadOptions, context: BuildContext): Matcher | undefined {
  const { schema, schema_file: name } = options;
  if (schema !== undefined && name !== undefined) {
    context.issue(['schema'], 'stands beside schema_file; keep one of the two');
    return undefined;
  }
  if (schema !== undefined)
    return compileSchema(schema, (path, message) => context.issue(['schema', ...path], message));
  if (name === undefined) return undefined;
  const file = context.at('schema_file').file(name);
  const document = file?.document();
  return file === undefined || document === undefined
    ? undefined
    : compileSchema(document, (path, message) => file.issue(path, message));
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

function buildChecks(options: PayloadOptions, context: BuildContext): Inspect {
  const maxBytes = resolveMaxBytes(options, context);
  const maxDepth = options.max_depth ?? 64;
  const contentTypes = Object.freeze([...(options.content_types ?? ['application/json', 'application/*+json'])]);
  const admit = buildAdmission({ maxBytes, contentTypes });
  const matcher = resolveMatcher(options, context);
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

/** A bug while inspecting: our failure, or a pass where the rule says so. What was thrown may hold the payload. */
function guarded(inspect: Inspect, onFailure: 'deny' | 'allow'): Inspect {
  return (subject) => {
    try {
      return inspect(subject);
    } catch (error) {
      const detail = { inspection: 'payload', error: errorName(error) };
      return onFailure === 'allow'
        ? passWith(undefined, { ...detail, failed: true, onFailure })
        : fail('inspection_failed', detail);
    }
  };
}

function wouldBe(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'pass':
    case 'abstain':
      return verdict.kind;
    case 'reject':
    case 'fail':
      return verdict.reason;
    default:
      return verdict satisfies never;
  }
}

// Named as limits name theirs, so that audit finds a check that only watched.
const shadowed =
  (inspect: Inspect): Inspect =>
  (subject: Subject) => {
    const verdict = inspect(subject);
    return abstain({ ...verdict.detail, payload: wouldBe(verdict), 'payload.shadow': true });
  };

/** The body: strict JSON (RFC 8259) that matches a JSON Schema. */
export const payloadInspection: Inspection = Object.freeze({
  key: 'payload',
  schema: payloadSchema,
  build({ payload }, context) {
    if (payload === undefined) return undefined;
    const inspect = guarded(buildChecks(payload, context.at('payload')), payload.on_failure ?? 'deny');
    return payload.mode === 'shadow' ? shadowed(inspect) : inspect;
  },
} satisfies Inspection);
