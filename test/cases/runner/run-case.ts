import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { createAudit } from '../../../src/audit/index.ts';
import { type RequestDescription, toAttributes } from '../../../src/config/request.ts';
import { silentLog, silentSignals, silentTracing } from '../../../src/core/ports.ts';
import type { ClosedTrail } from '../../../src/core/trail.ts';
import { waitFor } from '../../../src/envoy/condition.ts';
import { check } from '../../../src/flow/check.ts';
import { fromCheckRequest } from '../../../src/wire/check-request.ts';
import { type Answer, decisionId, fromCheckResponse, fromDecision } from './answer.ts';
import { type AuditFacts, factsOf } from './audit-facts.ts';
import type { GoldenCase } from './case-file.ts';
import type { TokenSketch } from './credentials.ts';
import { withFault } from './faults.ts';
import type { House } from './house.ts';
import { checkRequest, type Form } from './message.ts';
import { assertUpstream } from './upstream.ts';

/** What a case came to, as it stands under `expect`. */
export interface Outcome extends Answer {
  readonly audit: AuditFacts;
}

const budgetMs = 2000;
const forms: readonly Form[] = ['raw', 'joined'];

/**
 * Decides a case on the wire, once for each form in which Envoy writes headers, and offline where the command line can
 * say the same; all must agree.
 */
export async function runCase(one: GoldenCase, house: House): Promise<Outcome> {
  const described = describe(one.request ?? { path: '/' }, one, house);
  const outcomes: Outcome[] = [];
  for (const form of forms.filter((form) => one.form === undefined || one.form === form)) {
    outcomes.push(await overTheWire(one, described, house, form));
  }
  const [first, second] = outcomes;
  assert.ok(first !== undefined);
  if (second !== undefined) assert.deepEqual(second, first, 'both forms of headers are decided alike');
  if (isPlain(one)) await agreesOffline(first, described, house);
  return first;
}

// Offline there are no counters, no callers, no faults, no bytes, and nobody joins headers.
const isPlain = ({ raw, form, before, times, call, store, fault }: GoldenCase): boolean =>
  form !== 'joined' && [raw, before, times, call, store, fault].every((part) => part === undefined);

function describe(request: RequestDescription, { token, key }: GoldenCase, house: House): RequestDescription {
  const said = Object.entries(request.headers ?? {}).map(([name, value]) => [
    name,
    typeof value === 'string' ? house.fill(value) : value.map(house.fill),
  ]);
  return {
    ...request,
    path: house.fill(request.path),
    ...(request.certificate === undefined ? {} : { certificate: house.fill(request.certificate) }),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${bearer(token, house)}` }),
      ...(key === undefined ? {} : { 'x-api-key': house.fill(`{{key.${key}}}`) }),
      ...Object.fromEntries(said),
    },
  };
}

const bearer = (token: string | TokenSketch, house: House): string =>
  typeof token === 'string' ? house.fill(`{{token.${token}}}`) : house.token(token);

async function overTheWire(one: GoldenCase, described: RequestDescription, house: House, form: Form): Promise<Outcome> {
  house.reset(one.store ?? 'here');
  const raw = Object.fromEntries(
    Object.entries(one.raw ?? {}).map(([name, value]) => [name, name === 'headers' ? fillLines(value, house) : value]),
  );
  for (const earlier of one.before ?? []) {
    await call(
      { ...one, call: {} },
      checkRequest(toAttributes(describe(earlier, { name: '' }, house)), {}, form),
      house,
    );
  }
  const message = checkRequest(toAttributes(described), raw, form);
  for (let sent = 1; sent < (one.times ?? 1); sent += 1) await call(one, message, house);
  const { answer, trail, line } = await call(one, message, house);
  const seen = fromCheckResponse(answer);
  assert.deepEqual(fromDecision(trail.decision), seen, 'what is written down is what was answered');
  const decoded = fromCheckRequest(message);
  if (seen.effect === 'allow') {
    assert.ok(decoded.kind === 'pass', 'nothing is allowed that cannot be decoded');
    assertUpstream(seen, decoded.value.headers, house.plan);
  }
  return { ...seen, audit: factsOf(line, trail) };
}

const fillLines = (lines: unknown, house: House): unknown =>
  Array.isArray(lines)
    ? lines.map(([name, value]) => [name, typeof value === 'string' ? house.fill(value) : value])
    : lines;

interface Called {
  readonly answer: Uint8Array;
  readonly trail: ClosedTrail;
  /** What audit wrote. */
  readonly line: string;
}

async function call(one: GoldenCase, message: Uint8Array, house: House): Promise<Called> {
  let line = '';
  const stdout = new Writable({
    write: (chunk, _, done) => {
      line += String(chunk);
      done();
    },
  });
  const audit = createAudit({ ...house.audit, clock: house.clock, stdout });
  const recorded = Promise.withResolvers<ClosedTrail>();
  const record = (trail: ClosedTrail): void => {
    audit.record(trail);
    recorded.resolve(trail);
  };
  const plan = one.fault === undefined ? house.plan : withFault(house.plan, one.fault);
  const caller = new AbortController();
  if (one.call?.cancel === 'before') caller.abort();
  const answering = check(
    message,
    { traceparent: undefined, signal: caller.signal, remainingMs: one.call?.remaining_ms },
    {
      ...{ clock: house.clock, signals: silentSignals, tracing: silentTracing, log: silentLog, budgetMs },
      ...{ plan: () => plan, newId: () => decisionId, audit: { record } },
    },
  );
  if (one.call?.cancel === 'when_keys_are_asked_for') {
    await waitFor({ what: 'the key server was asked', holds: async () => house.keyServer?.asked.length !== 0 });
    caller.abort();
  }
  const answer = await answering;
  const trail = await recorded.promise;
  await audit.close(budgetMs);
  return { answer, trail, line };
}

async function agreesOffline(seen: Outcome, described: RequestDescription, { offline }: House): Promise<void> {
  const { decision, considered } = await offline.decide(toAttributes(described));
  const { audit: _, ...answer } = seen;
  assert.deepEqual(withoutTimes(fromDecision(decision)), withoutTimes(answer), 'the command line decides alike');
  const matching = considered.find(({ mode, result }) => mode === 'enforce' && result.matches);
  if (described.context_extensions === undefined && considered.length > 0) {
    assert.equal(decision.rule, matching?.rule, 'the first enforced rule that matches decides');
  }
}

// Offline the clock runs.
const withoutTimes = (answer: Answer): unknown =>
  JSON.parse(
    JSON.stringify(answer)
      .replace(/;t=\d+/g, ';t=')
      .replace(/"retry-after":"\d+"/, '"retry-after":""'),
  );
