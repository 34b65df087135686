/** A JSON value as a strict parser gave it: objects have no prototype. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A JSON object without prototype. */
export interface JsonObject {
  readonly [member: string]: Json;
}

/** Whether a value is an object of members, as JSON and YAML have it: neither a list nor null. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The own member of that name; undefined where there is none. What objects inherit is nobody's member. */
export const own = <T>(members: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(members, name) ? members[name] : undefined;

/** The value, frozen as a whole: it may be handed to many calls. */
export function frozen<T extends Json>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
