import type { Ban, Bans, BanTarget } from '../core/ban.ts';
import type { Finding, FindingListener } from '../core/finding.ts';
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
  /** Takes one of the bans that may be made in a minute; false: there are none left. */
  readonly mayBan: (nowMs: number) => boolean;
  /** Hears what became of a ban. Never throws. */
  readonly acted: (detector: string, outcome: 'made' | 'failed' | 'held_back') => void;
}

/** The findings of one detector that are not over. */
export interface Findings {
  raise(sign: Sign): void;
  /** Ends what nothing was said of for a while. */
  tick(nowMs: number): void;
  /** Goes by other rules from now on. */
  adjust(acting: Acting): void;
  /** Ends all. */
  close(nowMs: number): void;
}

interface Known {
  /** The finding as it began; undefined: it is over, and may not begin again yet. */
  finding: Finding | undefined;
  lastMs: number;
  untilMs: number;
  readonly acted: Set<string>;
}

const most = 1000;
const mostTargets = 1000;
const quietMs = 60_000;

const nameOf = (target: BanTarget): string =>
  target.kind === 'address' ? `address ${target.prefix}` : `principal ${target.key}`;

/** Opens the findings of a detector at a time. */
export function openFindings(detector: string, first: Acting, deps: FindingDeps, openedMs: number): Findings {
  let acting = first;
  const known = new Map<string, Known>();

  const tell = (finding: Finding): void => {
    try {
      deps.listener.found(finding);
    } catch {
      // Who hears of it must not stop who finds.
    }
  };
  const act = (entry: Known, finding: Finding, targets: readonly BanTarget[], atMs: number): void => {
    for (const target of targets) {
      const name = nameOf(target);
      if (entry.acted.size >= mostTargets || entry.acted.has(name)) continue;
      entry.acted.add(name);
      ban(target, finding, acting, atMs, deps);
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
    const entry = { finding, lastMs: sign.atMs, untilMs: sign.atMs + acting.cooldownMs, acted: new Set<string>() };
    const [oldest] = known;
    if (known.size >= most && oldest !== undefined) {
      known.delete(oldest[0]);
      end(oldest[1], sign.atMs);
    }
    known.set(key, entry);
    tell(finding);
    return entry;
  };
  return {
    raise: (sign) => {
      const { subject, blame, atMs } = sign;
      if (atMs < openedMs + acting.warmUpMs) return;
      const key = `${subject.kind} ${subject.name}`;
      const entry = known.get(key);
      if (entry?.finding === undefined && entry !== undefined && atMs < entry.untilMs) return;
      const allow = deps.allow();
      const targets = blame.filter((target) => !allow.has(target));
      const current = entry?.finding === undefined ? begin(key, sign, targets) : entry;
      current.lastMs = Math.max(current.lastMs, atMs);
      current.untilMs = current.lastMs + acting.cooldownMs;
      if (current.finding !== undefined) act(current, current.finding, targets, atMs);
    },
    tick: (nowMs) => {
      for (const [key, entry] of known) {
        if (entry.finding !== undefined && nowMs - entry.lastMs >= quietMs) end(entry, nowMs);
        if (entry.finding === undefined && nowMs >= entry.untilMs) known.delete(key);
      }
    },
    adjust: (next) => {
      acting = next;
    },
    close: (nowMs) => {
      for (const entry of known.values()) end(entry, nowMs);
      known.clear();
    },
  };
}

/** Bans a target, or tightens it; what becomes of it is told, and waited for by nobody. */
function ban(target: BanTarget, finding: Finding, acting: Acting, atMs: number, deps: FindingDeps): void {
  const { detector, title, shadow } = finding;
  if (shadow || acting.action === 'alert') return;
  if (!deps.mayBan(atMs)) {
    deps.acted(detector, 'held_back');
    return;
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
}

const settle = async (bans: Pick<Bans, 'ban'>, made: Ban): Promise<'made' | 'failed'> => {
  try {
    return (await bans.ban(made)) === undefined ? 'failed' : 'made';
  } catch {
    return 'failed';
  }
};
