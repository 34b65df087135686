import type { BuildContext, Report } from './build.ts';
import { isObject, own } from './json.ts';
import { parseBytes, parseDurationMs } from './units.ts';

/** Reads members of an object from outside; each member that is wrong is an issue and reads as its fallback. */
export interface Reader {
  has(name: string): boolean;
  /** The raw value; undefined when there is none. */
  raw(name: string): unknown;
  text(name: string, fallback: string): string;
  texts(name: string, fallback: readonly string[]): readonly string[];
  flag(name: string, fallback: boolean): boolean;
  durationMs(name: string, fallback: string, bounds: { readonly minMs: number; readonly maxMs: number }): number;
  /** A whole number. */
  integer(name: string, fallback: number, bounds: { readonly min: number; readonly max: number }): number;
  bytes(name: string, fallback: string, bounds: { readonly min: number; readonly max: number }): number;
}

/** A reader of an object; what is no object is an issue and reads as an empty one. */
export function openReader(value: unknown, report: Report): Reader {
  if (!isObject(value)) report([], 'must be an object');
  const members = isObject(value) ? value : {};
  const raw = (name: string): unknown => own(members, name);
  /** The member when it is absent or sound, else its fallback and an issue. */
  const read = <T>(name: string, fallback: T, parse: (member: unknown) => T | undefined, wanted: string): T => {
    const member = raw(name);
    if (member === undefined) return fallback;
    const parsed = parse(member);
    if (parsed === undefined) report([name], `must be ${wanted}`);
    return parsed ?? fallback;
  };
  return {
    raw,
    has: (name) => raw(name) !== undefined,
    text: (name, fallback) =>
      read(name, fallback, (member) => (typeof member === 'string' && member !== '' ? member : undefined), 'a text'),
    texts: (name, fallback) => read(name, fallback, listOfTexts, 'a list of texts'),
    flag: (name, fallback) =>
      read(name, fallback, (member) => (typeof member === 'boolean' ? member : undefined), 'true or false'),
    durationMs: (name, fallback, { minMs, maxMs }) =>
      read(
        name,
        parseDurationMs(fallback) ?? 0,
        (member) => {
          const ms = typeof member === 'string' ? parseDurationMs(member) : undefined;
          return ms !== undefined && ms >= minMs && ms <= maxMs ? ms : undefined;
        },
        `a duration from ${minMs}ms to ${maxMs}ms, like "${fallback}"`,
      ),
    integer: (name, fallback, { min, max }) =>
      read(
        name,
        fallback,
        (member) =>
          typeof member === 'number' && Number.isInteger(member) && member >= min && member <= max ? member : undefined,
        `a whole number from ${min} to ${max}`,
      ),
    bytes: (name, fallback, { min, max }) =>
      read(
        name,
        parseBytes(fallback) ?? 0,
        (member) => {
          const bytes = typeof member === 'string' ? parseBytes(member) : undefined;
          return bytes !== undefined && bytes >= min && bytes <= max ? bytes : undefined;
        },
        `a size from ${min} to ${max} bytes, like "${fallback}"`,
      ),
  };
}

/** A list of texts, as it is; undefined when it is none. */
export const listOfTexts = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) && value.every((item): item is string => typeof item === 'string') ? value : undefined;

/** One of several words, the first of which is the default; another one is an issue. */
export function readChoice<const T extends string>(
  reader: Reader,
  context: BuildContext,
  name: string,
  choices: readonly [T, ...T[]],
): T {
  const said = reader.text(name, choices[0]);
  const choice = choices.find((one) => one === said);
  if (choice === undefined) context.issue([name], `must be one of ${choices.join(', ')}`);
  return choice ?? choices[0];
}
