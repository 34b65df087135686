import type { Ban, Bans, BanTarget } from '../core/ban.ts';
import type { Clock } from '../core/clock.ts';
import type { Finding, FindingListener } from '../core/finding.ts';
import type { Log } from '../core/ports.ts';
import type { Sign } from './detector.ts';

/** What is done about the findings of a detector. */
export interface Acting {
  readonly action: Finding['action'];
  /** How long a ban, or a tightening, lasts. */
  readonly forMs: number;
  /** How often each request of a tightened client counts. */
  readonly factor: number;
  readonly shadow: boolean;
  /** Nothing is told of so long after the detector was opened. */
  readonly warmUpMs: number;
  /** How long the same subject is not told of again. */
  readonly cooldownMs: number;
}

/** Who is never acted against. */
export interface Allowlist {
  has(target: BanTarget): boolean;
}

/** What findings need of the rest. */
export interface FindingDeps {
  readonly bans: Pick<Bans, 'ban'>;
  readonly listener: FindingListener;
  readonly allow: () => Allowlist;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes one of the bans that may be made in a minute; false: there are none left. */
  readonly mayBan: () => boolean;
  /** Hears what became of a ban. Never throws. */
  readonly acted: (detector: string, outcome: 'made' | 'failed' | 'held_back') => void;
}

/** The findings of one detector that are not over. */
export interface Findings {
  raise(sign: Sign): void;
  /** Ends what nothing was said of for a while. */
  tick(nowMs: number): void;
  /** Goes by other rules from now on; a finding that says what would be done otherwise ends, and may begin anew at once. */
  adjust(acting: Acting, nowMs: number): void;
  /** Ends all. */
  close(nowMs: number): void;
}

interface Known {
  /** The finding as it began; undefined: it is over, and may not begin again yet. */
  finding: Finding | undefined;
  lastMs: number;
  untilMs: number;
  /** Whom was acted against, and until when that is not to be done again. */
  readonly acted: Map<string, number>;
}

const most = 1000;
const mostTargets = 1000;
const quietMs = 60_000;
/** What could not be done is not tried again for so long. */
const againMs = 60_000;
const tellFullMs = 60_000;

const nameOf = (target: BanTarget): string =>
  target.kind === 'address' ? `address ${target.prefix}` : `principal ${target.key}`;

/** Opens the findings of a detector at a time. */
export function openFindings(detector: string, first: Acting, deps: FindingDeps): Findings {
  // Not by the time of day: a clock that is set right must not end the learning.
  const openedMs = deps.clock.monotonicMs();
  let acting = first;
  const known = new Map<string, Known>();
  const hasRoom = openRoom(detector, known, deps);

  const tell = (finding: Finding): void => {
    try {
      deps.listener.found(finding);
    } catch {
      // Who hears of it must not stop who finds.
    }
  };
  const end = (entry: Known, atMs: number): void => {
    if (entry.finding !== undefined) tell({ ...entry.finding, phase: 'ends', atMs });
    entry.finding = undefined;
    entry.acted.clear();
  };
  const begin = (key: string, { blame: _blame, ...sign }: Sign, targets: readonly BanTarget[]): Known => {
    const { action, shadow } = acting;
    const finding: Finding = { ...sign, id: deps.newId(), detector, phase: 'begins', action, targets, shadow };
    const entry = {
      finding,
      lastMs: sign.atMs,
      untilMs: sign.atMs + acting.cooldownMs,
      acted: new Map<string, number>(),
    };
    known.set(key, entry);
    tell(finding);
    return entry;
  };
  const endAll = (nowMs: number): void => {
    for (const entry of known.values()) end(entry, nowMs);
    known.clear();
  };
  return {
    raise: (sign) => {
      const { subject, blame, atMs } = sign;
      if (deps.clock.monotonicMs() < openedMs + acting.warmUpMs) return;
      const key = `${subject.kind} ${subject.name}`;
      const entry = known.get(key);
      if (entry?.finding === undefined && entry !== undefined && atMs < entry.untilMs) return;
      if (entry?.finding === undefined && !hasRoom()) return;
      const allow = deps.allow();
      const targets = blame.filter((target) => !allow.has(target));
      const current = entry?.finding === undefined ? begin(key, sign, targets) : entry;
      current.lastMs = Math.max(current.lastMs, atMs);
      current.untilMs = current.lastMs + acting.cooldownMs;
      act(current.acted, targets, (target) => ban(target, detector, sign, acting, deps), acting.forMs, atMs);
    },
    tick: (nowMs) => {
      for (const [key, entry] of known) {
        if (entry.finding !== undefined && nowMs - entry.lastMs >= quietMs) end(entry, nowMs);
        for (const [name, againAtMs] of entry.acted) if (nowMs >= againAtMs) entry.acted.delete(name);
        if (entry.finding === undefined && nowMs >= entry.untilMs) known.delete(key);
      }
    },
    adjust: (next, nowMs) => {
      const isSame = next.action === acting.action && next.shadow === acting.shadow;
      acting = next;
      if (!isSame) endAll(nowMs);
    },
    close: endAll,
  };
}

/** Says whether there is room for one more: what is over makes it, what goes on does not, or each would end the other again and again. */
function openRoom(detector: string, known: Map<string, Known>, { clock, log }: FindingDeps): () => boolean {
  let toldMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (known.size < most) return true;
    for (const [key, { finding }] of known) {
      if (finding !== undefined) continue;
      known.delete(key);
      return true;
    }
    const nowMs = clock.monotonicMs();
    if (nowMs - toldMs >= tellFullMs) {
      toldMs = nowMs;
      log.warn({ detector, most }, 'too many findings go on at a time: more are not told of');
    }
    return false;
  };
}

/** Acts against each of the targets against whom that is not in force already. */
function act(
  acted: Map<string, number>,
  targets: readonly BanTarget[],
  against: (target: BanTarget) => 'held_back' | undefined,
  forMs: number,
  atMs: number,
): void {
  for (const target of targets) {
    const name = nameOf(target);
    const againAtMs = acted.get(name);
    if (againAtMs === undefined ? acted.size >= mostTargets : atMs < againAtMs) continue;
    acted.set(name, atMs + (against(target) === 'held_back' ? againMs : forMs));
  }
}

/** Bans a target, or tightens it; what becomes of it is told, and waited for by nobody. */
function ban(
  target: BanTarget,
  detector: string,
  { title, atMs }: Sign,
  acting: Acting,
  deps: FindingDeps,
): 'held_back' | undefined {
  if (acting.shadow || acting.action === 'alert') return undefined;
  if (!deps.mayBan()) {
    deps.acted(detector, 'held_back');
    return 'held_back';
  }
  const made: Ban = {
    id: deps.newId(),
    target,
    tighten: acting.action === 'tighten' ? acting.factor : undefined,
    by: detector,
    why: title,
    sinceMs: atMs,
    untilMs: atMs + acting.forMs,
  };
  void settle(deps.bans, made).then((outcome) => deps.acted(detector, outcome));
  return undefined;
}

const settle = async (bans: Pick<Bans, 'ban'>, made: Ban): Promise<'made' | 'failed'> => {
  try {
    return (await bans.ban(made)) === undefined ? 'failed' : 'made';
  } catch {
    return 'failed';
  }
};
