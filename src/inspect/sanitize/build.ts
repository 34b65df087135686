import type { BuildContext } from '../../core/build.ts';
import type { HeadMutation, HeadStep, MessageHead, ProcessMessage } from '../../core/processing.ts';
import { parseBytes } from '../../core/units.ts';
import { type Refusal, reject } from '../../core/verdict.ts';
import type { BodyFormat, Format } from '../content/content.ts';
import { formatOf } from '../content/index.ts';
import type { InspectionPool } from '../pool/pool.ts';
import type { CleansingSpec } from './body.ts';
import { compileCleansing } from './cleansing.ts';
import { headCleansing, type NamedEntry } from './head.ts';
import type { BodyEntryOptions, NamedEntryOptions, SanitizeOptions } from './options.ts';
import { bodyCleansing, cleansingOf } from './processor.ts';
import { compileNames } from './selection.ts';

const changeable: ReadonlySet<Format> = new Set<Format>(['json', 'ndjson', 'form', 'multipart', 'text']);
const maxFields = 100_000;
const maxParts = 1000;

const does = ({ normalize, remove, encode }: Omit<BodyEntryOptions, 'fields'>): boolean =>
  normalize === true || remove !== undefined || encode !== undefined;

function bodySpec(options: SanitizeOptions, context: BuildContext): CleansingSpec | undefined {
  const { body = [], max_bytes = '1MiB', max_depth: maxDepth = 64 } = options;
  const maxBytes = parseBytes(max_bytes) ?? 0;
  if (maxBytes < 1) context.issue(['max_bytes'], 'not a size of at least 1 byte, such as 1MiB');
  if (body.length === 0) return undefined;
  const entries = body.map((entry, index): BodyEntryOptions => {
    if (does(entry)) return entry;
    if (entry.fields !== 'all') {
      context.issue(['body', index], 'says nothing of what to do: give encode, remove or normalize');
    }
    return { ...entry, encode: 'json' };
  });
  return { entries, limits: { maxBytes, maxDepth, maxFields, maxParts } };
}

function buildNamed(
  options: readonly NamedEntryOptions[] | undefined,
  nameOf: (name: string) => string,
  context: BuildContext,
): readonly NamedEntry[] {
  return (options ?? []).map((entry, index) => {
    const { names, except } = entry;
    if (!does(entry)) context.issue([index], 'says nothing of what to do: give encode, remove or normalize');
    return {
      takes: compileNames(names === 'all' ? names : names.map(nameOf), except),
      cleanse: compileCleansing(entry),
    };
  });
}

const unreadable = (check: string): Refusal => reject('media_type_unsupported', { inspection: 'sanitize', check });

/** How the body is read, or why nothing in it can be made harmless. */
function formatIn({ headers }: MessageHead): BodyFormat | string {
  const encodings = headers.get('content-encoding') ?? [];
  if (encodings.some((value) => value.trim().toLowerCase() !== 'identity')) return 'content-encoding';
  const types = headers.get('content-type') ?? [];
  const format = types.length === 1 ? formatOf(types[0] ?? '') : undefined;
  return format !== undefined && changeable.has(format.format) ? format : 'content-type';
}

/** Compiles `sanitize`; undefined when nothing is to be done. The context is that of the options. */
export function buildSanitize(
  options: SanitizeOptions,
  context: BuildContext,
  pool: InspectionPool,
): ProcessMessage | undefined {
  const body = bodySpec(options, context);
  const query = buildNamed(options.query, (name) => name, context.at('query'));
  const headers = buildNamed(options.headers, (name) => name.toLowerCase(), context.at('headers'));
  if (body === undefined && query.length === 0 && headers.length === 0) return undefined;
  const cleanHead = headCleansing(query, headers);
  const cleanse = body && cleansingOf(body, pool);
  const deny = (options.on_unreadable ?? 'deny') === 'deny';
  const skip = (head: HeadMutation, detail = {}): HeadStep => ({ kind: 'skip', head, detail });
  return (message, { request }) => {
    const head = cleanHead(message, request.attributes.path);
    if (body === undefined || cleanse === undefined || message.endOfStream) return skip(head);
    const format = formatIn(message);
    if (typeof format === 'string') {
      return deny ? { kind: 'refuse', refusal: unreadable(format) } : skip(head, { unreadable: format });
    }
    return {
      kind: 'read',
      how: 'whole',
      head,
      mayChange: true,
      maxBytes: body.limits.maxBytes,
      tooLarge: reject('body_too_large', { inspection: 'sanitize', maxBytes: body.limits.maxBytes }),
      body: bodyCleansing(cleanse, format),
    };
  };
}
