import type { Plan, Rule } from '../../src/core/plan.ts';
import { noProcessing } from '../../src/core/processing.ts';
import { abstain, pass, passWith } from '../../src/core/verdict.ts';
import { aRequest } from './requests.ts';

/** A rule that lets everybody through; what is given replaces its steps. */
export const aRule = (given: Partial<Rule> = {}): Rule => ({
  id: 'orders',
  mode: 'enforce',
  consider: () => ({ matches: true, parameters: new Map() }),
  limitEarly: async () => abstain(),
  identify: async () => abstain(),
  sightings: () => [],
  stepUp: async (_subject, rejection) => rejection,
  authorize: () => abstain(),
  limitLate: async () => abstain(),
  inspect: () => pass(),
  processing: noProcessing,
  upstream: () => [],
  passCredentials: false,
  ...given,
});

/** A plan in which one rule decides; what is given replaces. */
export const aPlan = (rule: Rule, given: Partial<Plan> = {}): Plan => ({
  version: 'v1',
  guard: (attributes) => passWith(aRequest({ attributes })),
  match: () => ({ shadows: [], decides: { rule, parameters: new Map() } }),
  rules: [rule],
  ownedHeaders: new Set(['x-user', 'x-user-source', 'x-decision-id']),
  credentials: { headers: new Set(['authorization', 'x-api-key']), cookies: [], queries: new Set() },
  identities: new Map(),
  revocable: false,
  endpoints: new Map(),
  descriptors: undefined,
  ready: () => [],
  ...given,
});
