import { type Refusal, reject } from '../../core/verdict.ts';
import type { BodyFormat, Content, ContentLimits } from '../content/content.ts';
import { readContent } from '../content/index.ts';
import { type Cleanse, compileCleansing } from './cleansing.ts';
import type { BodyEntryOptions } from './options.ts';
import { compileSelection, type Selects } from './selection.ts';
import { sitesOf } from './sites.ts';

/** What bodies are changed by: plain data. */
export interface CleansingSpec {
  readonly entries: readonly BodyEntryOptions[];
  /** maxBytes bounds what goes on too. */
  readonly limits: ContentLimits;
}

/** A whole body as it came. */
export interface WrittenBody {
  readonly format: BodyFormat;
  readonly bytes: Uint8Array;
}

/** What a body was made into. bytes: undefined where nothing had to change. */
export type Cleansed =
  | { readonly kind: 'clean'; readonly bytes: Uint8Array | undefined; readonly changed: number }
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

/** One compiled entry. */
interface BodyEntry {
  readonly selects: Selects;
  readonly cleanse: Cleanse;
}

const refuse = (refusal: Refusal): Cleansed => ({ kind: 'refuse', refusal });
const delimited = { excess: false, problem: 'boundary', pointer: '' } as const;

function refuseUnread({ excess, problem, pointer }: { excess: boolean; problem: string; pointer: string }): Cleansed {
  const expose = { pointer, problem };
  const detail = { inspection: 'sanitize', ...expose };
  return refuse(reject(excess ? 'payload_excessive' : 'body_malformed', detail, { expose }));
}

/** The body with its texts made harmless; every other byte is as it came. */
function cleansed(
  entries: readonly BodyEntry[],
  content: Content,
  { bytes: body, format: { boundary } }: WrittenBody,
  maxBytes: number,
): Cleansed {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  const out: string[] = [];
  let kept = 0;
  let changed = 0;
  let { length } = text;
  for (const { pointer, start, end, codec } of sitesOf(content, body, text) ?? []) {
    const entry = entries.find(({ selects }) => selects(pointer));
    if (entry === undefined) continue;
    const written = text.slice(start, end);
    const clean = entry.cleanse(written, codec);
    if (clean === written) continue;
    // A text would become a delimiter by what goes from it, and begin a part that nobody has looked at.
    if (boundary !== undefined && clean.includes(`--${boundary}`)) return refuseUnread(delimited);
    out.push(text.slice(kept, start), clean);
    kept = end;
    changed += 1;
    length += clean.length - written.length;
  }
  // What the upstream gets is bounded too, though entities take six bytes and more for one.
  if (length > maxBytes) {
    return refuse(reject('body_too_large', { inspection: 'sanitize', check: 'grown', bytes: length, maxBytes }));
  }
  if (changed === 0) return { kind: 'clean', bytes: undefined, changed };
  return { kind: 'clean', bytes: Buffer.from(out.join('') + text.slice(kept), 'latin1'), changed };
}

/** Compiles what is done to whole bodies: a text may end in the last byte. */
export function compileBodyCleansing({ entries, limits }: CleansingSpec): (body: WrittenBody) => Cleansed {
  const compiled = entries.map((entry) => ({
    selects: compileSelection(entry.fields, entry.except),
    cleanse: compileCleansing(entry),
  }));
  return (body) => {
    const read = readContent(body.format, body.bytes, limits);
    return read.ok ? cleansed(compiled, read.content, body, limits.maxBytes) : refuseUnread(read);
  };
}
