import { parseDateTimeMs } from '../../core/date-time.ts';
import { isObject, type Json, own } from '../../core/json.ts';
import { parseDurationMs } from '../../core/units.ts';

/** Reads the members of a JSON body; each that is wrong is an issue and reads as undefined. */
interface Members {
  readonly issues: readonly string[];
  has(name: string): boolean;
  /** A text of 1 to 1024 characters, which has to be there. */
  text(name: string): string | undefined;
  /** The same where it may be left out. */
  textIfAny(name: string): string | undefined;
  /** A whole number within these bounds; undefined where there is none. */
  whole(name: string, from: number, to: number): number | undefined;
  /** True or false; false where it is left out. */
  flag(name: string): boolean;
  /** One of these texts, which has to be there. */
  oneOf<T extends string>(name: string, known: readonly T[]): T | undefined;
  /** A time of RFC 3339 in milliseconds since the epoch; undefined where there is none. */
  time(name: string): number | undefined;
  /** When something ends, by `until` or by `for` from now on, in milliseconds since the epoch; undefined where neither is there. */
  end(nowMs: number, what: string): number | undefined;
  /** What parse makes of a text; undefined where there is none. */
  parsed<T>(name: string, parse: (text: string) => T | undefined, wanted: string): T | undefined;
  issue(message: string): void;
}

const maxText = 1024;
const aText = `a text of 1 to ${maxText} characters`;
const fitting = (text: string): string | undefined => (text !== '' && text.length <= maxText ? text : undefined);
// Later times are no dates that everybody could write down.
const latestMs = Date.UTC(9999, 11, 31);
const list = (names: readonly string[]): string => names.join(', ');

/** The members of a body that may have these; others, and a body that is no object, are issues. */
export function readMembers(body: Json | undefined, known: readonly string[]): Members {
  const issues: string[] = [];
  const issue = (message: string): void => void issues.push(message);
  if (!isObject(body)) issue('the body must be a JSON object');
  const members = isObject(body) ? body : {};
  for (const name of Object.keys(members)) {
    if (!known.includes(name)) issue(`${JSON.stringify(name.slice(0, 64))} is not known; known are ${list(known)}`);
  }
  const parsed = <T>(name: string, parse: (text: string) => T | undefined, wanted: string): T | undefined => {
    const member = own(members, name);
    if (member === undefined) return undefined;
    const value = typeof member === 'string' ? parse(member) : undefined;
    if (value === undefined) issue(`"${name}" must be ${wanted}`);
    return value;
  };
  const required = <T>(name: string, parse: (text: string) => T | undefined, wanted: string): T | undefined => {
    if (own(members, name) === undefined) issue(`"${name}" is required: ${wanted}`);
    return parsed(name, parse, wanted);
  };
  const has = (name: string): boolean => own(members, name) !== undefined;
  const time = (name: string): number | undefined => parsed(name, parseDateTimeMs, 'a time like 2027-01-31T12:00:00Z');
  return {
    issues,
    issue,
    parsed,
    has,
    text: (name) => required(name, fitting, aText),
    textIfAny: (name) => parsed(name, fitting, aText),
    whole: (name, from, to) => {
      const member = own(members, name);
      if (member === undefined) return undefined;
      if (typeof member === 'number' && Number.isSafeInteger(member) && member >= from && member <= to) return member;
      issue(`"${name}" must be a whole number from ${from} to ${to}`);
      return undefined;
    },
    flag: (name) => {
      const member = own(members, name) ?? false;
      if (typeof member !== 'boolean') issue(`"${name}" must be true or false`);
      return member === true;
    },
    oneOf: (name, choices) =>
      required(name, (text) => choices.find((choice) => choice === text), `one of ${list(choices)}`),
    time,
    end: (nowMs, what) => {
      const durationMs = parsed('for', parseDurationMs, 'a duration like 12h or 30d');
      const endMs = time('until') ?? (durationMs === undefined ? undefined : nowMs + durationMs);
      if (has('until') && has('for')) issue('give "until" or "for", not both');
      if (endMs !== undefined && endMs <= nowMs) issue(`${what} would be over already`);
      if (endMs !== undefined && endMs > latestMs) issue(`${what} may last at most until the year 9999`);
      return endMs;
    },
  };
}

/** The parameters of a query that may have these, as members are read; one that stands twice is an issue. */
export function readQuery(query: URLSearchParams, known: readonly string[]): Members {
  const members = readMembers(Object.fromEntries(query), known);
  const names = [...query.keys()];
  for (const name of new Set(names.filter((one, at) => names.indexOf(one) < at))) {
    members.issue(`${JSON.stringify(name.slice(0, 64))} stands twice`);
  }
  return members;
}
