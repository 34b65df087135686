import { isObject, type Json, own } from './json.ts';
import type { Claims } from './principal.ts';

const member = (value: Json | undefined, name: string): Json | undefined =>
  isObject(value) ? own(value, name) : undefined;

/**
 * Compiles the way to a claim: the claim of that very name, else the member at that path of names between dots
 * ("realm_access.roles"). Undefined where there is none; what objects inherit is no claim.
 */
export function claimReader(name: string): (claims: Claims) => Json | undefined {
  const path = name.split('.');
  return (claims) => {
    const whole = own(claims, name);
    return whole === undefined ? path.reduce<Json | undefined>(member, claims) : whole;
  };
}
