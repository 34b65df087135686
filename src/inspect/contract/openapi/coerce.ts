import type { Json } from '../../../core/json.ts';
import { parseStrictJson } from '../../../core/strict-json.ts';
import type { Shape } from '../shape.ts';

const number = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

function readJson(text: string): Json | undefined {
  const parsed = parseStrictJson(new TextEncoder().encode(text));
  return parsed.ok ? parsed.value : undefined;
}

/**
 * What a text is where a schema says the kind: a number as JSON writes it and every reader reads it, true or false, else the
 * text itself. A text that is none of what the schema takes stays a text, so that the schema refuses it by its type.
 */
export function scalarOf(text: string, { types }: Pick<Shape, 'types'>): Json {
  const value =
    types.has('integer') || types.has('number') ? (number.test(text) ? readJson(text) : undefined) : undefined;
  if (value !== undefined) return value;
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/**
 * Every reading of a text that a schema could mean, the likeliest first: of one that takes numbers and texts, "7" may be
 * either.
 */
export function readings(text: string, shape: Pick<Shape, 'types'>): readonly Json[] {
  const scalar = scalarOf(text, shape);
  return scalar !== text && (shape.types.has('string') || shape.types.size === 0) ? [scalar, text] : [scalar];
}

/** A text that holds JSON; undefined when it is none that every reader reads alike. */
export const jsonOf = (text: string): Json | undefined => readJson(text);
