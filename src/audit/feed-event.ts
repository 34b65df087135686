import type { FeedChange, FeedContent } from '../core/feed.ts';
import { short } from '../core/redact.ts';
import { type AuditEvent, type Origin, severity, status } from './ocsf.ts';
import { type Stamp, systemEvent } from './system-event.ts';

const update = 3;
const severities = {
  taken: severity.informational,
  back: severity.informational,
  failed: severity.low,
  refused: severity.medium,
} as const satisfies Record<FeedChange['outcome'], number>;

/** Entity Management, Update: another list of a feed is in force, its source can be had no more or not be believed, or is back. */
export function feedEvent(change: FeedChange, stamp: Stamp, origin: Origin): AuditEvent {
  const { name, list, format, source, outcome, before, after, problem } = change;
  const done = problem === undefined;
  const grave = severities[outcome];
  const kind = { name: 'portcullis.feed', class: 'entity', activity: update, severity: grave } as const;
  // Of managed_entity.type_id, 99 is what has no number of its own.
  const entity = { type_id: 99, type: 'Address list', name: short(name), uid: short(`${list}/${name}`) };
  return systemEvent(kind, stamp, origin, {
    status_id: done ? status.success : status.failure,
    message: short(messageOf(change)),
    actor: { app_name: 'address-feed' },
    entity: { ...entity, version: before?.version },
    entity_result: done ? { ...entity, version: after?.version } : undefined,
    unmapped: {
      portcullis: {
        feed: {
          name: short(name),
          list,
          format,
          source: short(source),
          outcome,
          before: factsOf(before),
          after: factsOf(after),
          problem: problem && short(problem),
        },
      },
    },
  });
}

const factsOf = (content: FeedContent | undefined) => content && { entries: content.entries, version: content.version };

function messageOf({ name, list, outcome, before, after, problem }: FeedChange): string {
  const feed = `the ${list} feed ${name}`;
  const entries = after?.entries ?? 0;
  switch (outcome) {
    case 'taken':
      return `${feed} has a new list: ${entries} entries, ${before?.entries ?? 0} before`;
    case 'back':
      return `${feed} is back; its ${entries} entries stay in force`;
    case 'failed':
      return `${feed} cannot be had, its ${entries} entries stay in force: ${problem}`;
    case 'refused':
      return `${feed} was refused, its ${entries} entries stay in force: ${problem}`;
    default:
      return outcome satisfies never;
  }
}
