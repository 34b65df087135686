import type { Reason } from '../core/reason.ts';
import { reasons } from '../core/reason.ts';
import type { ClosedTrail, TrailEntry } from '../core/trail.ts';

/** How a call ended: let through, refused for what it is, or refused because we could not decide. */
type Effect = 'allow' | 'deny' | 'failed';

/** All effects. */
export const effects: readonly Effect[] = Object.freeze(['allow', 'deny', 'failed']);

/** What is kept of a decision: nothing that is a header but who the client says it is, no body, and nothing of a credential. */
export interface Kept {
  readonly id: string;
  readonly process: boolean;
  readonly effect: Effect;
  /** Of a denial. */
  readonly status: number | undefined;
  readonly reason: Reason | undefined;
  readonly rule: string | undefined;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly method: string | undefined;
  /** For printablePath and printableHost; the query is still there. */
  readonly request: Place | undefined;
  readonly attributes: Place | undefined;
  /** As the guard found it, else the other end of the connection; empty: none. */
  readonly client: string;
  /** The key of whoever was vouched for. */
  readonly principal: string | undefined;
  readonly agent: string | undefined;
  readonly requestId: string | undefined;
  readonly traceId: string | undefined;
  readonly planVersion: string;
  readonly entries: readonly TrailEntry[];
}

interface Place {
  readonly path: string;
  readonly host: string;
}

const longest = 4096;

/** A text that holds on to no more than it shows. */
const held = (text: string): string =>
  text.length <= longest ? text : Buffer.from(text.slice(0, longest), 'utf16le').toString('utf16le');

const heldOrNone = (text: string | undefined): string | undefined => text && held(text);

const placeOf = (place: Place | undefined): Place | undefined =>
  place && { path: held(place.path), host: held(place.host) };

/** How a call ended. */
const effectOf = ({ decision }: ClosedTrail): Effect =>
  decision.effect === 'allow' ? 'allow' : reasons[decision.reason].kind === 'fail' ? 'failed' : 'deny';

/** What is kept of a closed trail; costs no more than an object. */
export function keep(trail: ClosedTrail): Kept {
  const { decision, attributes, request, principal, trace } = trail;
  const agent = attributes?.headers.get('user-agent')?.[0];
  return {
    id: decision.id,
    process: trail.service !== undefined,
    effect: effectOf(trail),
    status: decision.effect === 'deny' ? decision.status : undefined,
    reason: decision.effect === 'deny' ? decision.reason : undefined,
    rule: decision.rule,
    startMs: trail.startMs,
    durationMs: trail.durationMs,
    method: heldOrNone(request?.method ?? attributes?.method),
    request: placeOf(request),
    attributes: request === undefined ? placeOf(attributes) : undefined,
    client: held(request?.clientAddress || attributes?.source.address || ''),
    principal: heldOrNone(principal?.key),
    agent: heldOrNone(agent),
    requestId: heldOrNone(attributes?.requestId),
    traceId: trace?.traceId,
    planVersion: trail.planVersion,
    entries: trail.entries,
  };
}
