import type { Attributes } from '../../src/core/attributes.ts';
import type { Decision } from '../../src/core/decision.ts';
import { type Reason, reasons } from '../../src/core/reason.ts';
import { type ClosedTrail, openTrail, type StepName, type TraceContext, type Trail } from '../../src/core/trail.ts';
import { fail, pass, reject } from '../../src/core/verdict.ts';
import { type AttributesSketch, anAttributes, aPrincipal, aRequest } from './requests.ts';

/** Secrets of a request: no log, span, metric or audit event may show one of them. */
export const planted = Object.freeze({
  token: 'eyJplanted.bearer.token',
  apiKey: 'planted-api-key-0123456789',
  cookie: 'session=planted-cookie',
  query: 'access_token=planted-in-the-query',
  body: '{"card":"planted-in-the-body"}',
  claim: 'planted-in-a-claim',
});

/** The trace that Envoy's span belongs to. */
export const parentTrace: TraceContext = Object.freeze({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  sampled: true,
});

/** The attributes of a request that carries every planted secret. */
export const plantedAttributes = (part: AttributesSketch = {}): Attributes =>
  anAttributes({
    source: { address: '203.0.113.7', port: 51544, principal: '', certificate: '' },
    method: 'PUT',
    host: 'api.example.com:8443',
    path: `/orders/1?${planted.query}`,
    headers: {
      authorization: `Bearer ${planted.token}`,
      'x-api-key': planted.apiKey,
      cookie: planted.cookie,
      'user-agent': 'curl/8.9\u001b[31m',
    },
    body: new TextEncoder().encode(planted.body),
    requestId: 'f0e1d2c3',
    ...part,
  });

// As a token of the identity `users` tells of her.
const alice = aPrincipal({ roles: ['editor'], credentialId: 'jti-1', claims: { email: planted.claim } });

let count = 0;
const newId = (): string => {
  count += 1;
  return `decision-${count}`;
};

/** An allow of a rule, with its secrets where a real one has them. */
export const allowOf = (rule = 'orders-write', id = newId()): Decision => ({
  effect: 'allow',
  id,
  rule,
  set: [{ name: 'x-user', value: 'alice' }],
  remove: ['authorization'],
  removeQuery: [],
  response: [],
  metadata: {},
});

/** A denial for a reason. */
export const denyOf = (reason: Reason, rule: string | undefined, id = newId()): Decision => ({
  effect: 'deny',
  id,
  rule,
  reason,
  status: reasons[reason].status,
  headers: [],
  body: '{}',
  metadata: {},
});

/** A closed trail around a decision; the request carries every planted secret. */
export function trailOf(
  decision: Decision,
  part: Partial<ClosedTrail> = {},
  write = (_trail: Trail) => {},
): ClosedTrail {
  const attributes = plantedAttributes();
  const trail = openTrail();
  write(trail);
  return {
    decision,
    planVersion: 'plan-1',
    attributes,
    request: aRequest({ attributes, path: '/orders/1', segments: ['orders', '1'], query: planted.query }),
    principal: alice,
    entries: trail.entries,
    startMs: 1_795_320_000_123,
    durationMs: 0.75,
    trace: parentTrace,
    ...part,
  };
}

/** An allow of Alice's. */
export const allowed = (part: Partial<ClosedTrail> = {}): ClosedTrail =>
  trailOf(allowOf(), part, (trail) => {
    trail.note('guard', pass());
    trail.note('match', pass(), { rule: 'orders-write' });
    trail.note('authorize', pass(), { rule: 'orders-write' });
  });

/** A denial at a step; before identify nobody is known, at the guard there is no request. */
export function denied(step: StepName, reason: Reason, part: Partial<ClosedTrail> = {}): ClosedTrail {
  const early = ['decode', 'guard', 'match'].includes(step);
  const known = ['authorize', 'inspect'].includes(step);
  const verdict = reasons[reason].kind === 'fail' ? fail(reason) : reject(reason);
  return trailOf(
    denyOf(reason, early ? undefined : 'orders-write'),
    {
      ...(step === 'decode' ? { attributes: undefined } : {}),
      ...(['decode', 'guard'].includes(step) ? { request: undefined } : {}),
      ...(known ? {} : { principal: undefined }),
      ...part,
    },
    (trail) => trail.note(step, verdict, early ? {} : { rule: 'orders-write' }),
  );
}
