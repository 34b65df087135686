import type { Claims, Json, JsonObject } from './principal.ts';

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The own member of an object; undefined where there is none, also for lists and texts. */
const member = (value: Json | undefined, name: string): Json | undefined =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/**
 * Compiles the way to a claim: the claim of that very name, else the member at that path of names between dots
 * ("realm_access.roles"). Undefined where there is none; what objects inherit is no claim.
 */
export function claimReader(name: string): (claims: Claims) => Json | undefined {
  const path = name.split('.');
  return (claims) => {
    const whole = member(claims, name);
    return whole === undefined ? path.reduce<Json | undefined>(member, claims) : whole;
  };
}
