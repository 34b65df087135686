import type { LimitStatus, Take, TakeMode } from '../core/limit.ts';
import { StoreUnavailable } from '../core/unavailable.ts';
import type { Script } from './script.ts';

/** One call of take that waits to be sent with others. */
export interface Group {
  readonly takes: readonly Take[];
  readonly mode: TakeMode;
  readonly resolve: (statuses: readonly LimitStatus[]) => void;
  readonly reject: (error: StoreUnavailable) => void;
}

/** The keys and the arguments of one script call, in the layout of the script. */
export function encodeGroups(
  groups: readonly Group[],
  places: Script['places'],
  keyPrefix: string,
  nowMs: number | undefined,
): { readonly keys: readonly string[]; readonly args: readonly string[] } {
  const keys: string[] = [];
  const args: string[] = [nowMs === undefined ? '' : String(nowMs)];
  for (const { takes, mode } of groups) {
    args.push(mode === 'all_or_nothing' ? '1' : '0', String(takes.length));
    for (const { key, algorithm, rule, hits } of takes) {
      keys.push(keyPrefix + key);
      const { count, periodMs, burst } = rule;
      args.push(`${places.get(algorithm)} ${count} ${periodMs} ${burst}`, String(hits));
    }
  }
  return { keys, args };
}

const isNumbers = (reply: unknown, length: number): reply is number[] =>
  Array.isArray(reply) && reply.length === length && reply.every((item) => typeof item === 'number');

/** The statuses of each group from the script's reply; throws StoreUnavailable when it is not of the script's shape. */
export function decodeReply(groups: readonly Group[], reply: unknown): readonly (readonly LimitStatus[])[] {
  const takes = groups.reduce((sum, group) => sum + group.takes.length, 0);
  if (!isNumbers(reply, takes * 4)) throw new StoreUnavailable('the reply of the counter script has another shape');
  let at = 0;
  return groups.map((group) =>
    group.takes.map(() => {
      const [allowed = 0, remaining = 0, resetMs = 0, retry = -1] = reply.slice(at, at + 4);
      at += 4;
      return { allowed: allowed === 1, remaining, resetMs, retryAfterMs: retry < 0 ? undefined : retry };
    }),
  );
}

/** Cuts groups into script calls of about so many takes; a group is never cut. */
export function cutGroups(groups: readonly Group[], maxTakes: number): readonly (readonly Group[])[] {
  const cuts: Group[][] = [];
  let takes = maxTakes;
  for (const group of groups) {
    if (takes + group.takes.length > maxTakes) {
      cuts.push([]);
      takes = 0;
    }
    cuts.at(-1)?.push(group);
    takes += group.takes.length;
  }
  return cuts;
}
