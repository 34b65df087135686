import type { BuildContext } from '../../core/build.ts';
import type { Exclusion } from './detection/exclusions.ts';
import type { CrsOptions, ExclusionOptions, ProtectOptions, UnseenBody } from './options.ts';
import type { AttackRule } from './rule.ts';
import { embeddedRules } from './rules/index.ts';
import { doubtfulRules } from './seclang/doubtful.ts';
import { type CrsReading, openCrs } from './seclang/known-crs.ts';

/** How one list of rules is searched with, and from which score on what it found is an attack. */
interface ListPolicy {
  readonly paranoia: 1 | 2 | 3 | 4;
  readonly threshold: number;
  readonly exclusions: readonly Exclusion[];
}

/** What is searched with: plain data. The embedded rules are no part of it, for every thread has them by itself. */
export interface ProtectSpec {
  /** A form that servers read in one of two ways is searched in both, and not refused for it. */
  readonly lenient: boolean;
  readonly unseenBody: UnseenBody;
  /** Rules that ordinary texts match too: what they find together is no attack without a match of another rule of their list. */
  readonly doubtful: readonly string[];
  /** Places of credentials, like header.x-key: what stands there is never shown. */
  readonly secrets: readonly string[];
  readonly embedded: ListPolicy;
  readonly crs: (ListPolicy & { readonly rules: readonly AttackRule[] }) | undefined;
}

type Preset = Exclude<ProtectOptions['preset'], undefined | 'off'>;

/** What the presets mean for the embedded rules; monitor is balanced that only records. */
const presets: Readonly<Record<Preset, Pick<ListPolicy, 'paranoia' | 'threshold'>>> = {
  balanced: { paranoia: 1, threshold: 5 },
  strict: { paranoia: 2, threshold: 3 },
  monitor: { paranoia: 1, threshold: 5 },
};

const exclusionsOf = (options: readonly ExclusionOptions[] | undefined): readonly Exclusion[] =>
  (options ?? []).map(({ rule, on = [] }) => ({ rule, places: typeof on === 'string' ? [on] : on }));

const levels: readonly (readonly AttackRule[])[] = [1, 2, 3, 4].map((level) =>
  embeddedRules.filter(({ paranoia }) => paranoia <= level),
);

const together = new WeakMap<readonly AttackRule[], Map<number, readonly AttackRule[]>>();

/** All rules of a spec: the same array for the same rules, so that they are compiled once. */
export function rulesOf({
  embedded,
  crs,
}: {
  readonly embedded: Pick<ListPolicy, 'paranoia'>;
  readonly crs: { readonly rules: readonly AttackRule[] } | undefined;
}): readonly AttackRule[] {
  const own = levels[embedded.paranoia - 1] ?? embeddedRules;
  if (crs === undefined) return own;
  const known = together.get(crs.rules) ?? new Map<number, readonly AttackRule[]>();
  together.set(crs.rules, known);
  const all = known.get(embedded.paranoia) ?? [...own, ...crs.rules];
  known.set(embedded.paranoia, all);
  return all;
}

const filtered = new WeakMap<readonly AttackRule[], Map<number, readonly AttackRule[]>>();

/** The rules up to a level, the same array for the same rules. */
function upTo(rules: readonly AttackRule[], level: number): readonly AttackRule[] {
  const known = filtered.get(rules) ?? new Map<number, readonly AttackRule[]>();
  filtered.set(rules, known);
  const before = known.get(level);
  if (before !== undefined) return before;
  const made = rules.filter(({ paranoia }) => paranoia <= level);
  known.set(level, made);
  return made;
}

function levelOf(crs: CrsOptions, preset: Preset, reading: CrsReading): ListPolicy['paranoia'] {
  const least = preset === 'strict' ? 2 : 1;
  return crs.paranoia ?? (reading.paranoia < least ? least : reading.paranoia);
}

/** The very rules that a policy will search with, once its directory has been read. */
export function rulesAhead(
  preset: Preset,
  crs: { readonly options: CrsOptions; readonly reading: CrsReading } | undefined,
): readonly AttackRule[] {
  const rules = crs && upTo(crs.reading.rules, levelOf(crs.options, preset, crs.reading));
  return rulesOf({ embedded: presets[preset], crs: rules && { rules } });
}

function crsList(
  crs: CrsOptions,
  preset: Preset,
  shared: readonly Exclusion[],
  context: BuildContext,
): ProtectSpec['crs'] {
  const below = context.at('crs');
  const files = below.at('dir').directory(crs.dir);
  // That it cannot be read has been said: that it holds no rules as well would be one thing told twice.
  if (files === undefined) return undefined;
  const reading = openCrs(files, (message) => below.issue(['dir'], message));
  const paranoia = levelOf(crs, preset, reading);
  return {
    rules: upTo(reading.rules, paranoia),
    paranoia,
    threshold: crs.anomaly_threshold ?? reading.threshold,
    exclusions: [...shared, ...exclusionsOf(crs.exclude)],
  };
}

/** What is to be searched with; issues go to the context, which is that of `protect`. */
export function policyOf(
  options: ProtectOptions,
  preset: Preset,
  secrets: readonly string[],
  context: BuildContext,
): ProtectSpec {
  const exclusions = exclusionsOf(options.exclude);
  const { crs } = options;
  const list = crs && crsList(crs, preset, exclusions, context);
  return {
    lenient: preset !== 'strict',
    unseenBody: options.unseen_body ?? 'refuse',
    doubtful: crs === undefined || list?.paranoia !== 1 ? [] : doubtfulRules,
    secrets,
    embedded: { ...presets[preset], exclusions },
    crs: list,
  };
}
