import { type Prefix, parseNetwork } from '../../core/address.ts';
import { isObject, own } from '../../core/json.ts';
import { type FeedLimits, type Gathered, openGathering } from './gathering.ts';

/** A ban, and when it ends by itself: milliseconds since the epoch. */
interface Ban {
  /** Undefined: its value is no address. */
  readonly prefix: Prefix | undefined;
  readonly untilMs: number;
}

/** What is decided now, and when the first of it ends; without packed it is what was given last. */
export interface Decided extends Omit<Gathered, 'packed'> {
  readonly packed: Gathered['packed'] | undefined;
  readonly expiresMs: number | undefined;
}

/** The decisions of one feed, each by its id and with its own end. */
export interface Decisions {
  /** Takes an answer; everything that was decided (startup), or what has changed. A text says why not, and then all is as before. */
  apply(
    bytes: Uint8Array,
    startup: boolean,
    nowMs: number,
    accept: (entries: number) => string | undefined,
  ): Decided | string;
  /** What is still decided. */
  current(nowMs: number): Decided | string;
}

/** Opens the decisions of a feed, of which nothing is known yet. */
export function openDecisions(limits: FeedLimits): Decisions {
  let bans: ReadonlyMap<number, Ban> = new Map();
  let last: Decided | undefined;
  const gather = (from: ReadonlyMap<number, Ban>, nowMs: number): Decided | string => {
    const gathering = openGathering(limits, 'decisions');
    let expiresMs: number | undefined;
    for (const { prefix, untilMs } of from.values()) {
      if (untilMs <= nowMs) continue;
      gathering.add(prefix);
      expiresMs = Math.min(untilMs, expiresMs ?? untilMs);
    }
    const gathered = gathering.end();
    return typeof gathered === 'string' ? gathered : { ...gathered, expiresMs };
  };
  const given = (decided: Decided | string): Decided | string => {
    if (typeof decided !== 'string') last = { ...decided, packed: undefined };
    return decided;
  };
  return {
    apply: (bytes, startup, nowMs, accept) => {
      const answer = answerOf(bytes);
      if (typeof answer === 'string') return answer;
      const isSame = !startup && answer.added.length + answer.deleted.length === 0;
      if (isSame && last !== undefined && (last.expiresMs ?? Number.POSITIVE_INFINITY) > nowMs) return last;
      const next = new Map(startup ? [] : [...bans].filter(([, { untilMs }]) => untilMs > nowMs));
      for (const decision of answer.deleted) next.delete(idOf(decision) ?? -1);
      for (const decision of answer.added) {
        const id = idOf(decision);
        const ban = banOf(decision, nowMs);
        if (id !== undefined && ban !== undefined) next.set(id, ban);
      }
      const decided = gather(next, nowMs);
      const refused = typeof decided === 'string' ? decided : accept(decided.entries);
      if (refused !== undefined) return refused;
      bans = next;
      return given(decided);
    },
    current: (nowMs) => given(gather(bans, nowMs)),
  };
}

interface Answer {
  readonly added: readonly unknown[];
  readonly deleted: readonly unknown[];
}

function answerOf(bytes: Uint8Array): Answer | string {
  try {
    const answer: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (!isObject(answer)) return 'the answer is no object';
    // Go writes an empty list as null.
    const [added, deleted] = [own(answer, 'new') ?? [], own(answer, 'deleted') ?? []];
    if (!('new' in answer) || !Array.isArray(added) || !Array.isArray(deleted)) return 'the answer has no decisions';
    return { added, deleted };
  } catch {
    return 'the answer is no JSON';
  }
}

const textOf = (decision: Readonly<Record<string, unknown>>, name: string): string => {
  const value = own(decision, name);
  return typeof value === 'string' ? value : '';
};

function idOf(decision: unknown): number | undefined {
  const id = isObject(decision) ? own(decision, 'id') : undefined;
  return typeof id === 'number' ? id : undefined;
}

// So long a decision without a readable end counts against its feed.
const unreadableMs = 3_600_000;
const scopes: ReadonlySet<string> = new Set(['ip', 'range']);

/** The ban that a decision is; undefined where it is something else: a captcha, a country, a rehearsal. */
function banOf(decision: unknown, nowMs: number): Ban | undefined {
  if (!isObject(decision) || own(decision, 'simulated') === true) return undefined;
  if (textOf(decision, 'type').toLowerCase() !== 'ban') return undefined;
  if (!scopes.has(textOf(decision, 'scope').toLowerCase())) return undefined;
  const durationMs = goDurationMs(textOf(decision, 'duration'));
  if (durationMs === undefined) return { prefix: undefined, untilMs: nowMs + unreadableMs };
  return { prefix: parseNetwork(textOf(decision, 'value')), untilMs: nowMs + durationMs };
}

const unitsMs: ReadonlyMap<string, number> = new Map([
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['ns', 1e-6],
]);
const goDuration = /^(-?)((?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+)$/;
const goPart = /(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g;

/** The milliseconds of a duration as Go writes it, like "167h59m49.5s"; undefined for what is none. */
function goDurationMs(text: string): number | undefined {
  const [, sign, parts] = goDuration.exec(text) ?? [];
  if (parts === undefined) return undefined;
  let ms = 0;
  for (const [, count = '', unit = ''] of parts.matchAll(goPart)) ms += Number(count) * (unitsMs.get(unit) ?? 0);
  return sign === '-' ? -ms : ms;
}
