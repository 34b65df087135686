import type { Attributes, NormalRequest } from '../../src/core/attributes.ts';
import type { Plan, Rule } from '../../src/core/plan.ts';
import type { Principal } from '../../src/core/principal.ts';
import { principalKey } from '../../src/core/principal.ts';
import { abstain, pass, passWith } from '../../src/core/verdict.ts';

/** Attributes of a GET of /orders; what is given replaces. */
export const anAttributes = (given: Partial<Attributes> = {}): Attributes => ({
  source: { address: '203.0.113.7', port: 4711, principal: '' },
  destination: { address: '', port: 0, principal: '' },
  method: 'GET',
  scheme: 'https',
  host: 'localhost',
  path: '/orders',
  protocol: 'HTTP/2',
  headers: new Map(),
  body: undefined,
  requestId: '',
  contextExtensions: new Map(),
  ...given,
});

/** The normal form of those attributes. */
export const aRequest = (given: Partial<NormalRequest> = {}): NormalRequest => ({
  attributes: anAttributes(),
  method: 'GET',
  scheme: 'https',
  host: 'localhost',
  path: '/orders',
  segments: ['orders'],
  query: '',
  headers: new Map(),
  clientAddress: '203.0.113.7',
  ...given,
});

/** A principal "alice" of the identity "users". */
export const aPrincipal = (given: Partial<Principal> = {}): Principal => ({
  source: 'users',
  id: 'alice',
  key: principalKey('users', 'alice'),
  kind: 'jwt',
  roles: new Set(),
  scopes: new Set(),
  issuer: undefined,
  credentialId: undefined,
  claims: {},
  ...given,
});

/** A rule that lets everybody through; what is given replaces its steps. */
export const aRule = (given: Partial<Rule> = {}): Rule => ({
  id: 'orders',
  mode: 'enforce',
  consider: () => ({ matches: true, parameters: new Map() }),
  limitEarly: async () => abstain(),
  identify: async () => abstain(),
  authorize: () => abstain(),
  limitLate: async () => abstain(),
  inspect: () => pass(),
  upstream: () => [],
  passCredentials: false,
  ...given,
});

/** A plan in which one rule decides; what is given replaces. */
export const aPlan = (rule: Rule, given: Partial<Plan> = {}): Plan => ({
  version: 'v1',
  guard: (attributes) => passWith(aRequest({ attributes, headers: attributes.headers })),
  match: () => ({ shadows: [], decides: { rule, parameters: new Map() } }),
  rules: [rule],
  ownedHeaders: new Set(['x-user', 'x-user-source', 'x-decision-id']),
  credentialHeaders: new Set(['authorization', 'x-api-key']),
  descriptors: undefined,
  ready: () => [],
  ...given,
});
