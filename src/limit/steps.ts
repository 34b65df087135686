import { type BanLookup, noBans } from '../core/ban.ts';
import type { CounterStore, LimitStatus, Take, TakeMode } from '../core/limit.ts';
import type { LimitStep, Mode, Subject } from '../core/plan.ts';
import type { Signals } from '../core/ports.ts';
import { abstain } from '../core/verdict.ts';
import { type CounterSpace, hitsOf, type Limit } from './build.ts';
import { type Checked, limitVerdict } from './verdict.ts';

/** What limits count with. */
interface LimitDeps {
  readonly store: CounterStore;
  /** Memory, for limits that say `on_store_failure: local`. */
  readonly local: CounterStore;
  readonly signals: Signals;
  /** How often a request of a client counts; default: once. */
  readonly bans?: Pick<BanLookup, 'weight'>;
}

/** The limits of a rule in their two phases: early needs no identity, late does. */
interface LimitSteps {
  readonly early: LimitStep;
  readonly late: LimitStep;
}

/**
 * Compiles a rule's limits. Within a phase the enforced ones are taken all or nothing, and those in shadow each on its
 * own; both in the same turn. A client that a ban tightens takes more at once, but never more than a limit has when nobody
 * has used it. ruleMode shadow: all of them count on counters apart, so that the rule uses no quota.
 * The steps never fail and never throw.
 */
export function limitSteps(limits: readonly Limit[], deps: LimitDeps, ruleMode: Mode = 'enforce'): LimitSteps {
  const once = [...new Set(limits)];
  return {
    early: compilePhase(
      once.filter(({ needsPrincipal }) => !needsPrincipal),
      deps,
      ruleMode,
    ),
    late: compilePhase(
      once.filter(({ needsPrincipal }) => needsPrincipal),
      deps,
      ruleMode,
    ),
  };
}

function compilePhase(limits: readonly Limit[], deps: LimitDeps, ruleMode: Mode): LimitStep {
  if (limits.length === 0) return () => abstain();
  const enforced = limits.filter(({ mode }) => mode === 'enforce');
  const shadowed = limits.filter(({ mode }) => mode === 'shadow');
  const ruleShadow = ruleMode === 'shadow';
  const { bans = noBans } = deps;
  return async (subject) => {
    const weight = bans.weight(subject.request.clientAddress, subject.principal?.key);
    const [decisive, watched] = await Promise.all([
      check(
        enforced,
        takesOf(enforced, subject, weight, ruleShadow ? 'rule_shadow' : 'enforce'),
        'all_or_nothing',
        deps,
      ),
      check(shadowed, takesOf(shadowed, subject, weight, ruleShadow ? 'rule_shadow' : 'shadow'), 'each', deps),
    ]);
    tell(decisive, ruleShadow, deps.signals);
    tell(watched, true, deps.signals);
    return limitVerdict(decisive, watched, weight);
  };
}

function takesOf(limits: readonly Limit[], subject: Subject, weight: number, space: CounterSpace): readonly Take[] {
  return limits.map((limit) => ({
    key: limit.key(subject, space),
    algorithm: limit.algorithm,
    rule: limit.rule,
    hits: hitsOf(limit, weight),
  }));
}

async function check(
  limits: readonly Limit[],
  takes: readonly Take[],
  mode: TakeMode,
  deps: LimitDeps,
): Promise<readonly Checked[]> {
  if (limits.length === 0) return [];
  const statuses = await takeFrom(deps.store, takes, mode);
  if (statuses === undefined) return checkWithoutStore(limits, takes, mode, deps.local);
  return limits.map((limit, index) => counted(limit, statuses[index], 'allowed'));
}

/** What each limit says while the store is away. One that denies ends the phase, so the others do not count. */
async function checkWithoutStore(
  limits: readonly Limit[],
  takes: readonly Take[],
  mode: TakeMode,
  local: CounterStore,
): Promise<readonly Checked[]> {
  const denied = mode === 'all_or_nothing' && limits.some(({ onStoreFailure }) => onStoreFailure === 'deny');
  const localTakes = denied ? [] : takes.filter((_, index) => limits[index]?.onStoreFailure === 'local');
  const statuses = localTakes.length === 0 ? [] : await takeFrom(local, localTakes, mode);
  let next = 0;
  return limits.map((limit) => {
    switch (limit.onStoreFailure) {
      case 'deny':
        return { limit, outcome: 'store_denied', status: undefined };
      case 'allow':
        return { limit, outcome: 'store_allowed', status: undefined };
      case 'local': {
        if (denied) return { limit, outcome: 'unchecked', status: undefined };
        const status = statuses?.[next];
        next += 1;
        return counted(limit, status, 'local');
      }
      default:
        return limit.onStoreFailure satisfies never;
    }
  });
}

/** A limit that was counted; without a status nothing is known, and that is a denial. */
function counted(limit: Limit, status: LimitStatus | undefined, allowed: 'allowed' | 'local'): Checked {
  if (status === undefined) return { limit, outcome: 'store_denied', status };
  return { limit, outcome: status.allowed ? allowed : 'limited', status };
}

/** The statuses, or undefined when the store is away. */
async function takeFrom(
  store: CounterStore,
  takes: readonly Take[],
  mode: TakeMode,
): Promise<readonly LimitStatus[] | undefined> {
  try {
    return await store.take(takes, mode);
  } catch {
    return undefined; // every limit says itself what this means; the store's own signals tell why
  }
}

function tell(checked: readonly Checked[], shadow: boolean, signals: Signals): void {
  for (const { limit, outcome } of checked) {
    if (outcome !== 'unchecked') signals.limitChecked(limit.id, outcome, shadow);
  }
}
