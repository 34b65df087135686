import type { BodyProcessor, BodyStep } from '../../core/processing.ts';
import type { Detail } from '../../core/verdict.ts';
import type { BodyFormat } from '../content/content.ts';
import type { InspectionPool } from '../pool/pool.ts';
import { type Cleansed, type CleansingSpec, compileBodyCleansing, type WrittenBody } from './body.ts';

/** Changes a whole body, here or on another thread. */
type CleanseBody = (body: WrittenBody) => Cleansed | Promise<Cleansed>;

/**
 * Compiles what is done to bodies: those larger than the pool's inlineBytes are changed by the pool. No answer of the pool is
 * a refusal: nothing goes on that was not made harmless.
 */
export function cleansingOf(spec: CleansingSpec, pool: InspectionPool): CleanseBody {
  const here = compileBodyCleansing(spec);
  const elsewhere = pool.register('cleansing', spec, here);
  return (body) => {
    if (body.bytes.length <= pool.inlineBytes) return here(body);
    return elsewhere(body).then((ended) =>
      ended.kind === 'done' ? ended.made : { kind: 'refuse', refusal: ended.failure },
    );
  };
}

/** Holds one body back until all of it is there, and changes it. */
export function bodyCleansing(cleanse: CleanseBody, format: BodyFormat): BodyProcessor {
  let held: Uint8Array[] = [];
  let detail: Detail = {};
  const goesOn = (bytes: Uint8Array, cleansed: Cleansed): BodyStep => {
    if (cleansed.kind === 'refuse') return cleansed;
    if (cleansed.changed > 0) detail = { sanitized: cleansed.changed };
    return { kind: 'forward', bytes: cleansed.bytes ?? bytes };
  };
  const end = (bytes: Uint8Array): BodyStep | Promise<BodyStep> => {
    const cleansed = cleanse({ format, bytes });
    return cleansed instanceof Promise ? cleansed.then((made) => goesOn(bytes, made)) : goesOn(bytes, cleansed);
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
