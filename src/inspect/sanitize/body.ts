import type { BodyProcessor, BodyStep } from '../../core/processing.ts';
import { type Detail, type Refusal, reject } from '../../core/verdict.ts';
import type { BodyFormat, Content, ContentLimits } from '../content/content.ts';
import { readContent } from '../content/index.ts';
import type { Cleanse } from './cleansing.ts';
import type { Selects } from './selection.ts';
import { sitesOf } from './sites.ts';

/** One compiled entry. */
interface BodyEntry {
  readonly selects: Selects;
  readonly cleanse: Cleanse;
}

/** What a body's texts are changed by. */
export interface BodyCleansing {
  readonly entries: readonly BodyEntry[];
  readonly limits: ContentLimits;
}

const delimited = { excess: false, problem: 'boundary', pointer: '' } as const;

/**
 * The body with its texts made harmless, and how many were changed; every other byte is as it came. Undefined where a text of
 * multipart would become a delimiter by what goes from it, and begin a part that nobody has looked at.
 */
function cleansed(
  { entries }: BodyCleansing,
  content: Content,
  body: Uint8Array,
  { boundary }: BodyFormat,
): { readonly bytes: Uint8Array; readonly changed: number } | undefined {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  const out: string[] = [];
  let kept = 0;
  let changed = 0;
  for (const { pointer, start, end, codec } of sitesOf(content, body, text) ?? []) {
    const entry = entries.find(({ selects }) => selects(pointer));
    if (entry === undefined) continue;
    const written = text.slice(start, end);
    const clean = entry.cleanse(written, codec);
    if (clean === written) continue;
    if (boundary !== undefined && clean.includes(`--${boundary}`)) return undefined;
    out.push(text.slice(kept, start), clean);
    kept = end;
    changed += 1;
  }
  if (changed === 0) return { bytes: body, changed };
  return { bytes: Buffer.from(out.join('') + text.slice(kept), 'latin1'), changed };
}

function refusalOf({ excess, problem, pointer }: { excess: boolean; problem: string; pointer: string }): Refusal {
  const expose = { pointer, problem };
  return reject(excess ? 'payload_excessive' : 'body_malformed', { inspection: 'sanitize', ...expose }, { expose });
}

/** Changes one body, which must come as a whole: a text may end in its last byte. */
export function bodyCleansing(cleansing: BodyCleansing, format: BodyFormat): BodyProcessor {
  let held: Uint8Array[] = [];
  let detail: Detail = {};
  const end = (body: Uint8Array): BodyStep => {
    const read = readContent(format, body, cleansing.limits);
    if (!read.ok) return { kind: 'refuse', refusal: refusalOf(read) };
    const clean = cleansed(cleansing, read.content, body, format);
    if (clean === undefined) return { kind: 'refuse', refusal: refusalOf(delimited) };
    const { bytes, changed } = clean;
    detail = changed === 0 ? {} : { sanitized: changed };
    return { kind: 'forward', bytes };
  };
  return {
    push: (piece, last) => {
      if (last && held.length === 0) return piece.length === 0 ? { kind: 'forward', bytes: piece } : end(piece);
      held.push(new Uint8Array(piece));
      if (!last) return { kind: 'forward', bytes: new Uint8Array(0) };
      const body = Buffer.concat(held);
      held = [];
      return end(body);
    },
    detail: () => detail,
  };
}
