import { isObject, type Json, own } from './json.ts';
import type { Claims } from './principal.ts';

/**
 * Compiles the way to a claim: the claim of that very name, else the member at that path of names between dots
 * ("realm_access.roles"), of which each may hold dots itself ("kubernetes.io.namespace"). Undefined where there is none;
 * what objects inherit is no claim.
 */
export function claimReader(name: string): (claims: Claims) => Json | undefined {
  const parts = name.split('.');
  return parts.length === 1 ? (claims) => own(claims, name) : (claims) => read(claims, parts);
}

/** The member of the whole name, else the one below the shortest beginning of it that leads to any. */
function read(value: Json, parts: readonly string[]): Json | undefined {
  if (!isObject(value)) return undefined;
  const whole = own(value, parts.join('.'));
  if (whole !== undefined) return whole;
  for (let length = 1; length < parts.length; length += 1) {
    const member = own(value, parts.slice(0, length).join('.'));
    const found = member === undefined ? undefined : read(member, parts.slice(length));
    if (found !== undefined) return found;
  }
  return undefined;
}
