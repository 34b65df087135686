import { randomBytes } from 'node:crypto';
import type { BuildContext } from '../../core/build.ts';
import type { HeaderMutation } from '../../core/decision.ts';
import type { HeadMutation, HeadStep, MessageHead, Processing, ProcessMessage } from '../../core/processing.ts';
import { fail, type Refusal, reject } from '../../core/verdict.ts';
import { leakSearch } from './body.ts';
import { type LeakFindings, openFindings } from './findings.ts';
import { maskMatch } from './mask.ts';
import type { LeakPolicyOptions, LeaksOptions } from './options.ts';
import { buildPolicy, type LeakPolicy } from './policy.ts';
import { readability } from './readable.ts';

type Direction = 'request' | 'response';

/** Headers that carry credentials where they belong, and those that Envoy or we need as they are. */
const untouched: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'set-cookie',
  'dpop',
  'proxy-authorization',
  'content-length',
  'content-type',
  'x-decision-id',
]);
const bodiless: ReadonlySet<number> = new Set([204, 304]);
const leastKeyBytes = 32;

const refusalOf = (direction: Direction, findings: LeakFindings): Refusal =>
  direction === 'request' ? reject('request_leaks', findings.detail()) : fail('response_leaks', findings.detail());

const unreadableOf = (direction: Direction, why: string): Refusal =>
  direction === 'request'
    ? reject('media_type_unsupported', { inspection: 'leaks', unreadable: why })
    : fail('response_unreadable', { inspection: 'leaks', unreadable: why });

/** The headers with their leaks hidden. */
function searchHeaders(policy: LeakPolicy, head: MessageHead, findings: LeakFindings): HeadMutation {
  const set: HeaderMutation[] = [];
  const remove: string[] = [];
  if (!policy.headers) return { set, remove };
  for (const [name, values] of head.headers) {
    if (untouched.has(name)) continue;
    for (const value of values) {
      const bytes = new TextEncoder().encode(value);
      const { matches } = policy.search({ bytes, last: true }, 0);
      const hidden = matches.filter(({ kind, start, end }) => {
        const action = policy.actionOf(kind);
        findings.add(kind, action, bytes.subarray(start, end), `header.${name}`);
        return !policy.shadow && action !== 'detect';
      });
      if (hidden.length === 0) continue;
      for (const match of hidden) maskMatch({ bytes, last: true }, match);
      // One of several values cannot be replaced alone.
      if (values.length > 1) remove.push(name);
      else set.push({ name, value: new TextDecoder().decode(bytes) });
    }
  }
  return { set, remove: [...new Set(remove)] };
}

function headStep(policies: readonly LeakPolicy[], direction: Direction, evidenceKey: Uint8Array): ProcessMessage {
  return (head, { request }): HeadStep => {
    const body = readability(head);
    const policy = policies.find(({ takes }) => takes(body.type)) ?? policies.find(({ headers }) => headers);
    if (policy === undefined) return { kind: 'skip', head: { set: [], remove: [] }, detail: {} };
    const findings = openFindings(evidenceKey, policy.shadow);
    const mutation = searchHeaders(policy, head, findings);
    const refuse = (): Refusal => refusalOf(direction, findings);
    if (policy.blocks && findings.blocked() >= policy.atLeast) return { kind: 'refuse', refusal: refuse() };
    const none = head.endOfStream || request.method === 'HEAD' || bodiless.has(head.status ?? 0);
    if (none || !policy.takes(body.type)) return { kind: 'skip', head: mutation, detail: findings.detail() };
    if (body.kind === 'unreadable') {
      if (policy.denyUnreadable) return { kind: 'refuse', refusal: unreadableOf(direction, body.why) };
      return { kind: 'skip', head: mutation, detail: { ...findings.detail(), unreadable: body.why } };
    }
    return {
      kind: 'read',
      how: policy.blocks ? 'whole' : 'stream',
      head: mutation,
      mayChange: policy.masks,
      // What is looked at as it passes may go on for ever.
      maxBytes: policy.blocks ? policy.maxBytes : Number.POSITIVE_INFINITY,
      tooLarge: policy.denyUnreadable ? unreadableOf(direction, 'size') : undefined,
      body: leakSearch(policy, findings, refuse),
    };
  };
}

/** Asks the upstream for responses that can be looked into: not encoded. */
const askReadable: ProcessMessage = () => ({
  kind: 'skip',
  head: { set: [], remove: ['accept-encoding'] },
  detail: {},
});

function readEvidenceKey({ evidence_key_file: name }: LeaksOptions, context: BuildContext): Uint8Array {
  if (name === undefined) return randomBytes(leastKeyBytes);
  const at = context.at('evidence_key_file');
  const bytes = at.file(name)?.bytes ?? new Uint8Array(0);
  if (bytes.length > 0 && bytes.length < leastKeyBytes)
    at.issue([], `a key of ${bytes.length} bytes; take at least 32`);
  return bytes;
}

/** Compiles `leaks`; the context is that of the options. */
export function buildLeaks(options: LeaksOptions, context: BuildContext): Processing {
  const evidenceKey = readEvidenceKey(options, context);
  const policiesOf = (direction: Direction): readonly LeakPolicy[] =>
    (options[direction] ?? []).map((policy: LeakPolicyOptions, index) =>
      buildPolicy(policy, context.at(direction, index)),
    );
  const [requests, responses] = [policiesOf('request'), policiesOf('response')];
  const response = responses.length === 0 ? undefined : headStep(responses, 'response', evidenceKey);
  const plain = responses.some(({ denyUnreadable }) => denyUnreadable) ? askReadable : undefined;
  if (requests.length === 0) return { request: plain, response };
  const own = headStep(requests, 'request', evidenceKey);
  return { request: plain === undefined ? own : both(own, plain), response };
}

/** What the first says, with the changes of the head that the second asks for. */
const both =
  (first: ProcessMessage, second: ProcessMessage): ProcessMessage =>
  (head, subject) => {
    const [step, other] = [first(head, subject), second(head, subject)];
    if (step.kind === 'refuse' || other.kind !== 'skip') return step;
    const { set, remove } = step.head;
    return { ...step, head: { ...step.head, set, remove: [...remove, ...other.head.remove] } };
  };
