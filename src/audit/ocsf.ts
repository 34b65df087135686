import type { TraceContext } from '../core/trail.ts';

/** The version of the Open Cybersecurity Schema Framework that events follow. */
const ocsfVersion = '1.8.0';

/** A class of OCSF events; profiles are the ones that 1.8.0 binds to the class and that we fill. */
interface OcsfClass {
  readonly category: number;
  readonly uid: number;
  readonly profiles: readonly string[];
}

const securityControl = 'security_control';

/** The classes that we write. */
export const classes = Object.freeze({
  api: { category: 6, uid: 6003, profiles: [securityControl, 'trace'] },
  http: { category: 4, uid: 4002, profiles: [securityControl, 'trace'] },
  // The trace profile does not bind to the next ones: their trace stands in unmapped.portcullis alone.
  authentication: { category: 3, uid: 3002, profiles: [securityControl] },
  entity: { category: 3, uid: 3004, profiles: [] },
  finding: { category: 2, uid: 2004, profiles: [securityControl] },
  lifecycle: { category: 6, uid: 6002, profiles: [] },
} as const satisfies Record<string, OcsfClass>);

/** The name of a class above. */
export type ClassName = keyof typeof classes;

/** severity_id. */
export const severity = Object.freeze({ informational: 1, low: 2, medium: 3, high: 4 } as const);
/** status_id. */
export const status = Object.freeze({ success: 1, failure: 2 } as const);
/** action_id of the profile security_control. */
export const action = Object.freeze({ allowed: 1, denied: 2, observed: 3, modified: 4 } as const);
/** disposition_id of the profile security_control. */
export const disposition = Object.freeze({
  allowed: 1,
  blocked: 2,
  delayed: 14,
  alert: 19,
  rejected: 25,
  unauthorized: 26,
  error: 27,
} as const);
/** activity_id of what has none of its own; activity_name says what it is. */
export const otherActivity = 99;

/** Who writes the events: one process. */
export interface Origin {
  readonly version: string;
  readonly instanceId: string;
}

/** The product that metadata and lifecycle events name; its uid is the instance. */
export const productOf = ({ version, instanceId }: Origin) => ({
  vendor_name: 'Portcullis',
  name: 'Portcullis',
  version,
  uid: instanceId,
});

const noFacts = Object.freeze({ portcullis: Object.freeze({}) });

/** What every event has besides the attributes of its class. */
interface EventHead {
  readonly class: ClassName;
  readonly activity: number;
  readonly severity: number;
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  readonly uid: string;
  /** Counts the events of this process: a number that is missing is an event that was lost. */
  readonly sequence: number;
  readonly correlationUid?: string;
}

/** An event as sinks take it: encoded once. */
export interface AuditEvent {
  /** allow may be dropped first when there is no room. */
  readonly kind: 'allow' | 'deny' | 'system';
  readonly name:
    | 'portcullis.decision'
    | 'portcullis.reload'
    | 'portcullis.lifecycle'
    | 'portcullis.administration'
    | 'portcullis.account'
    | 'portcullis.finding'
    | 'portcullis.ban'
    | 'portcullis.feed'
    | 'portcullis.gap'
    | 'portcullis.checkpoint';
  /** metadata.uid: the same event has the same one wherever, and however often, it arrives. */
  readonly uid: string;
  readonly sequence: number;
  readonly timeMs: number;
  readonly severity: number;
  readonly classUid: number;
  readonly trace: TraceContext | undefined;
  /** Why it was not done, as a stable code; ok for an allow; undefined where there is nothing to refuse. */
  readonly reason: string | undefined;
  /** The rule that decided; undefined: none did. */
  readonly rule: string | undefined;
  /** The JSON of the event, on one line. It ends with the members of unmapped.portcullis. */
  readonly line: string;
}

/**
 * The JSON of an event: head, then the attributes of its class, then unmapped, to whose end the chain is added; what is
 * undefined is left out.
 */
export function encode(head: EventHead, origin: Origin, attributes: Readonly<Record<string, unknown>>): string {
  const { category, uid, profiles } = classes[head.class];
  const own = JSON.stringify({
    metadata: {
      version: ocsfVersion,
      uid: head.uid,
      profiles,
      correlation_uid: head.correlationUid,
      sequence: head.sequence,
      log_name: 'portcullis.audit',
      product: productOf(origin),
    },
    category_uid: category,
    class_uid: uid,
    activity_id: head.activity,
    type_uid: uid * 100 + head.activity,
    severity_id: head.severity,
    time: Math.trunc(head.timeMs),
    ...attributes,
    unmapped: undefined,
  });
  return `${own.slice(0, -1)},"unmapped":${JSON.stringify(attributes['unmapped'] ?? noFacts)}}`;
}
