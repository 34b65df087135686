import type { Subject } from '../../src/core/plan.ts';
import { type Principal, principalKey } from '../../src/core/principal.ts';
import { sketchAttributes } from './attributes.ts';

/** What a test says of a principal; the rest is alice of "users" without roles, scopes and claims. */
export interface PrincipalSketch extends Partial<Omit<Principal, 'key' | 'roles' | 'scopes'>> {
  readonly roles?: readonly string[];
  readonly scopes?: readonly string[];
}

/** A principal as an identity would have found it. */
export function sketchPrincipal({ roles = [], scopes = [], ...rest }: PrincipalSketch = {}): Principal {
  const { id = 'alice', source = 'users' } = rest;
  return {
    kind: 'jwt',
    issuer: 'https://idp.example',
    credentialId: undefined,
    claims: Object.freeze({ __proto__: null }),
    ...rest,
    id,
    source,
    key: principalKey(source, id),
    roles: new Set(roles),
    scopes: new Set(scopes),
  };
}

/** A subject of the rule "r" with a request in normal form; undefined as principal is nobody. */
export function sketchSubject(principal: PrincipalSketch | undefined, clientAddress = '192.0.2.1'): Subject {
  const attributes = sketchAttributes();
  const { method, headers, host, path } = attributes;
  return {
    request: { attributes, method, headers, host, path, scheme: 'https', segments: [''], query: '', clientAddress },
    parameters: new Map(),
    rule: 'r',
    principal: principal === undefined ? undefined : sketchPrincipal(principal),
  };
}
