import { createHash } from 'node:crypto';
import type { PackedAddresses } from '../../core/address-table.ts';
import { keepDocument, keptDocument } from './cache.ts';
import { type Decided, type Decisions, openDecisions } from './decisions.ts';
import { type FormatName, formats } from './formats/index.ts';
import { type FeedLimits, type Gathered, openGathering } from './gathering.ts';
import type { FeedJob, FeedReading } from './job.ts';
import { readBounded } from './read-bounded.ts';

/** Does jobs, and keeps what decisions there are between them. */
interface Performer {
  perform(job: FeedJob): FeedReading;
}

/** Of what is in force for each address, not of how the document was written. */
function versionOf({ v4, v6 }: PackedAddresses): string {
  const hash = createHash('sha256');
  for (const { starts, owners } of [v4, v6]) hash.update(starts).update(owners);
  return hash.digest('hex').slice(0, 16);
}

const refuse = (problem: string, doubtful = false): FeedReading => ({ ok: false, problem, doubtful });

const taken = (gathered: Gathered | Decided, more: Partial<Extract<FeedReading, { ok: true }>> = {}): FeedReading => ({
  ok: true,
  version: gathered.packed && versionOf(gathered.packed),
  expiresMs: undefined,
  facts: undefined,
  unkept: undefined,
  ...gathered,
  ...more,
});

const tooFew = (entries: number, floor: number): string | undefined =>
  entries < floor ? `${entries} entries, less than half of those in force` : undefined;

/** Opens somebody who does jobs at once, where he stands. */
export function openPerformer(): Performer {
  const decisions = new Map<string, Decisions>();
  return {
    perform: (job) => {
      switch (job.kind) {
        case 'document':
          return readDocument(job);
        case 'file':
          return readFile(job);
        case 'cached':
          return readKept(job);
        case 'decisions': {
          const known = decisions.get(job.origin);
          if (known === undefined && !job.startup) return refuse('what was decided before is not known any more');
          // What was decided before stays until everything has come.
          const own = known === undefined || job.startup ? openDecisions(job.limits) : known;
          const reading = decide(own, job);
          if (reading.ok) decisions.set(job.origin, own);
          return reading;
        }
        case 'expire': {
          const known = decisions.get(job.origin);
          return known === undefined ? refuse('nothing is decided') : told(known.current(job.nowMs));
        }
        case 'forget':
          decisions.delete(job.origin);
          return refuse('forgotten');
        default:
          return job satisfies never;
      }
    },
  };
}

const told = (decided: Decided | string): FeedReading =>
  typeof decided === 'string' ? refuse(decided) : taken(decided, { expiresMs: decided.expiresMs });

function decide(decisions: Decisions, job: Extract<FeedJob, { readonly kind: 'decisions' }>): FeedReading {
  let doubt: string | undefined;
  const decided = decisions.apply(Buffer.concat(job.chunks), job.startup, job.nowMs, (entries) => {
    doubt = job.startup ? tooFew(entries, job.floor) : undefined;
    return doubt;
  });
  return doubt === undefined ? told(decided) : refuse(doubt, true);
}

function gather(bytes: Uint8Array, format: FormatName, limits: FeedLimits): Gathered | string {
  const kind = formats[format];
  if (kind.kind !== 'document') return `${format} is no format of documents`;
  const gathering = openGathering(limits, 'document');
  const problem = kind.read(bytes, gathering);
  const gathered = gathering.end();
  // What the entries say is closer to the cause: of a page of HTML no line can be read, and its end is missing too.
  return typeof gathered === 'string' ? gathered : (problem ?? gathered);
}

function readDocument(job: Extract<FeedJob, { readonly kind: 'document' }>): FeedReading {
  const bytes = Buffer.concat(job.chunks);
  const gathered = gather(bytes, job.format, job.limits);
  if (typeof gathered === 'string') return refuse(gathered);
  const doubt = tooFew(gathered.entries, job.floor);
  if (doubt !== undefined) return refuse(doubt, true);
  const { cache } = job;
  if (cache === undefined) return taken(gathered);
  try {
    keepDocument(cache.file, cache.facts, bytes);
    return taken(gathered);
  } catch (error) {
    return taken(gathered, { unkept: codeOf(error) });
  }
}

function readFile(job: Extract<FeedJob, { readonly kind: 'file' }>): FeedReading {
  try {
    const bytes = readBounded(job.file, job.maxBytes);
    if (bytes === undefined) return refuse(`more than ${job.maxBytes} bytes`);
    const gathered = gather(bytes, job.format, job.limits);
    if (typeof gathered === 'string') return refuse(gathered);
    const doubt = tooFew(gathered.entries, job.floor);
    return doubt === undefined ? taken(gathered) : refuse(doubt, true);
  } catch (error) {
    return refuse(`the file cannot be read (${codeOf(error)})`);
  }
}

function readKept(job: Extract<FeedJob, { readonly kind: 'cached' }>): FeedReading {
  try {
    const kept = keptDocument(job.file, job.maxBytes);
    if (kept === undefined) return refuse('the file in the cache is not what was written');
    const gathered = gather(kept.bytes, job.format, job.limits);
    return typeof gathered === 'string' ? refuse(gathered) : taken(gathered, { facts: kept.facts });
  } catch (error) {
    return refuse(`there is nothing in the cache (${codeOf(error)})`);
  }
}

/** The code of an error of the file system, else its class: messages may quote what was read. */
const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
};
