import { createKeyFiles, createKeySets, createLasting, type KeyFiles, openRevocations } from '../authn/index.ts';
import type { Binding } from '../authz/index.ts';
import type { Access } from '../config/access.ts';
import type { Compiled, Settings } from '../config/compile.ts';
import type { Issue, Note } from '../config/issue.ts';
import { type Opening, openConfig } from '../config/open.ts';
import { silentAccounts } from '../core/account.ts';
import type { Attributes, NormalRequest } from '../core/attributes.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import type { Decision } from '../core/decision.ts';
import type { CounterStore } from '../core/limit.ts';
import { settleWithin } from '../core/patience.ts';
import type { Considered, Plan, Sighting } from '../core/plan.ts';
import { silentLog, silentSignals } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import type { StateStore } from '../core/state.ts';
import { openTrail, type TrailEntry } from '../core/trail.ts';
import { passWith } from '../core/verdict.ts';
import { openBans } from '../detect/bans/index.ts';
import { decide, watch } from '../flow/check.ts';
import { type FeedsAtHand, feedsAtHand, type SeenFeed } from '../guard/index.ts';
import { inlinePool } from '../inspect/index.ts';
import { algorithms } from '../limit/index.ts';
import { createOutbounds } from '../outbound/registry.ts';
import { createMemoryState, createMemoryStore } from '../store/index.ts';

/** A decision that was made on the command line, with its whole story. */
export interface OfflineDecision {
  readonly decision: Decision;
  readonly planVersion: string;
  readonly request: NormalRequest | undefined;
  readonly principal: Principal | undefined;
  /** What bindings add to the roles that its credential states. */
  readonly bindings: readonly Binding[];
  /** Every rule in order, with whether its match takes the request; empty when the guard refused. */
  readonly considered: readonly { readonly rule: string; readonly mode: string; readonly result: Considered }[];
  /** What each identity that the deciding rule accepts sees of its credential; empty when no rule took the request. */
  readonly sightings: readonly Sighting[];
  readonly entries: readonly TrailEntry[];
  /** What was known of each address feed. */
  readonly feeds: readonly SeenFeed[];
}

/** A compiled config that decides without a server. */
export interface Offline {
  /** Who may do what. */
  readonly access: Access;
  /** Decides with empty counters; key sets are fetched as configured. */
  decide(attributes: Attributes): Promise<OfflineDecision>;
  close(): void;
}

const budgetMs = 10_000;

/** How long a look at what has been revoked and who is banned is waited for. */
const catchUpMs = 1000;

/** An empty state that stands for the one that the config asks for. */
const standInState =
  (clock: Clock) =>
  (redis: Settings['redis'] | undefined): StateStore => ({
    ...createMemoryState(clock),
    shared: redis === undefined || redis.url !== undefined,
  });

/** What the command line may bring along. */
interface OfflineOptions {
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Default: an empty state. */
  readonly openState?: (redis: Settings['redis'] | undefined) => StateStore;
  /** What has been read of keys files already. */
  readonly keyFiles?: KeyFiles;
  /** Lists of addresses that others keep. Default: files are read, and nothing is known of URLs. */
  readonly feeds?: FeedsAtHand;
}

/**
 * Compiles an opened config for the command line, asking nobody yet; undefined when it has issues. What is kept beside the
 * counters (sessions, keys, revocations, bans) is looked up in what openState gives, which is empty by default.
 */
export function compileOffline(opening: Opening, options: OfflineOptions = {}): Offline | undefined {
  const { clock = systemClock, openState = standInState(clock), keyFiles = createKeyFiles() } = options;
  const { feeds = feedsAtHand({ files: true, cache: false }) } = options;
  const quiet = { clock, signals: silentSignals, log: silentLog, accounts: silentAccounts };
  const counters = (): CounterStore => createMemoryStore({ algorithms, clock, maxKeys: 1000 });
  const outbounds = createOutbounds();
  const keySets = createKeySets({ ...quiet, outbounds });
  let current = counters();
  const store: CounterStore = { take: (takes, mode) => current.take(takes, mode), close: async () => {} };
  const state = openState(opening.settings?.redis);
  const revoked = Promise.withResolvers<void>();
  const revocations = openRevocations(state, clock, { caughtUp: revoked.resolve });
  const banned = Promise.withResolvers<void>();
  const bans = openBans(state, clock, { caughtUp: banned.resolve });
  const compiled = opening.compile({
    ...quiet,
    keySets,
    outbounds,
    lasting: createLasting(),
    keyFiles,
    store,
    local: store,
    inspection: inlinePool,
    feeds,
    state,
    revocations,
    bans,
  });
  const close = (): void => {
    keySets.close();
    revocations.close();
    bans.close();
    void Promise.all([outbounds.close(), state.close()]);
  };
  if (compiled === undefined) {
    close();
    return undefined;
  }
  return {
    access: compiled.access,
    decide: async (attributes) => {
      keySets.start();
      current = counters();
      await settleWithin(Promise.all([revoked.promise, banned.promise]), catchUpMs);
      return { ...(await decideOffline(compiled, attributes)), feeds: feeds.seen() };
    },
    close,
  };
}

async function decideOffline(
  { plan, access }: Compiled,
  attributes: Attributes,
): Promise<Omit<OfflineDecision, 'feeds'>> {
  const trail = openTrail();
  const signal = AbortSignal.timeout(budgetMs);
  const outcome = await decide(passWith(attributes), plan, 'offline', trail, signal);
  await watch(outcome, trail, budgetMs);
  const { decision, request, principal } = outcome;
  return {
    decision,
    planVersion: plan.version,
    request,
    principal,
    bindings: principal === undefined ? [] : access.authority.bindings.entriesOf(principal),
    ...(request === undefined ? { considered: [], sightings: [] } : lookAt(plan, request, decision.rule)),
    entries: trail.entries,
  };
}

/** What the trail does not tell: what every rule, and every identity of the deciding one, makes of the request. */
function lookAt(
  plan: Plan,
  request: NormalRequest,
  decider: string | undefined,
): Pick<OfflineDecision, 'considered' | 'sightings'> {
  return {
    considered: plan.rules.map(({ id, mode, consider }) => ({ rule: id, mode, result: consider(request) })),
    sightings: plan.rules.find(({ id }) => id === decider)?.sightings(request) ?? [],
  };
}

/** What a check of a config file says: its issues, and a line for people when there are none. */
export interface CheckReport {
  readonly issues: readonly Issue[];
  /** What is worth knowing and no issue. */
  readonly notes?: readonly Note[];
  /** Like "4 rules"; undefined when there is nothing to add. */
  readonly summary?: string;
}

/** Everything that is wrong with a config file, without starting anything. */
export function checkConfig(file: string): CheckReport {
  const opening = openConfig(file);
  compileOffline(opening)?.close();
  return { issues: opening.issues(), notes: opening.notes(), summary: opening.summary };
}

/** Who may do what by a config, without starting anything; or its issues. */
export function readAccess(file: string): Access | { readonly issues: readonly Issue[] } {
  const opening = openConfig(file);
  const offline = compileOffline(opening);
  offline?.close();
  return offline?.access ?? { issues: opening.issues() };
}
