import type { FeedChange, FeedContent, FeedListener } from '../../core/feed.ts';
import type { Log } from '../../core/ports.ts';
import { type FeedSpec, shownSource } from './feed.ts';

/** What is told of a list that is in force. */
interface Standing extends FeedContent {
  /** Why it could not be kept in the cache. */
  readonly unkept: string | undefined;
}

/** A look that is over, or a list that was kept over a restart, and what is in force before and after. */
interface Happening {
  readonly kind: 'taken' | 'unchanged' | 'failed' | 'refused' | 'kept';
  readonly problem: string | undefined;
  readonly before: Standing | undefined;
  readonly after: Standing | undefined;
}

/** Tells the log and a listener what has changed: not each look, nor each wording of the same trouble. */
export function tellChanges(spec: FeedSpec, log: Log, listener: FeedListener): (happening: Happening) => void {
  const toLog = tellLog(spec, log);
  let state: 'well' | 'failed' | 'refused' = 'well';
  return (happening) => {
    const { kind, problem, before, after } = happening;
    if (kind !== 'kept') toLog(problem, after);
    const outcome = outcomeOf(happening, state);
    state = kind === 'failed' || kind === 'refused' ? kind : 'well';
    if (outcome === undefined) return;
    const { name, list, format, source } = spec;
    const what = { name, list, format, source: shownSource(source) };
    listener.feedChanged({
      ...what,
      outcome,
      problem,
      before: before && contentOf(before),
      after: after && contentOf(after),
    });
  };
}

const contentOf = ({ entries, version }: FeedContent): FeedContent => ({ entries, version });

/** What has changed; undefined: nothing. */
function outcomeOf(
  { kind, before, after }: Happening,
  state: 'well' | 'failed' | 'refused',
): FeedChange['outcome'] | undefined {
  if (kind === 'failed' || kind === 'refused') return kind === state ? undefined : kind;
  if (before?.version !== after?.version) return 'taken';
  return state === 'well' ? undefined : 'back';
}

function tellLog({ name, list }: FeedSpec, log: Log) {
  let state: 'new' | 'well' | 'ill' = 'new';
  let unkept: string | undefined;
  return (problem: string | undefined, inForce: Standing | undefined): void => {
    const fields = { feed: name, list, entries: inForce?.entries ?? 0 };
    const next = problem === undefined ? 'well' : 'ill';
    if (next !== state && next === 'well') log.info(fields, 'the feed is in force');
    if (next !== state && next === 'ill')
      log.warn({ ...fields, problem }, 'the feed brings nothing good; what is in force stays');
    state = next;
    if (inForce?.unkept !== undefined && inForce.unkept !== unkept) {
      log.warn({ feed: name, list, problem: inForce.unkept }, 'the feed cannot be kept in addresses.cache_dir');
    }
    unkept = inForce?.unkept;
  };
}
