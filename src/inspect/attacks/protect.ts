import type { BuildContext } from '../../core/build.ts';
import { type Detail, fail, pass, passWith, reject, type Verdict } from '../../core/verdict.ts';
import type { Inspect, Inspection } from '../inspection.ts';
import { seeBody } from './body.ts';
import type { Detected, Match } from './detection/compiled.ts';
import { type Detector, openDetector } from './detection/detector.ts';
import { compileExclusions } from './detection/exclusions.ts';
import { excerptOf } from './excerpt.ts';
import { ruleSetOf } from './known-sets.ts';
import { protectSchema } from './options.ts';
import { type ProtectSpec, policyOf, rulesOf } from './policy.ts';
import { openView } from './request/view.ts';
import type { AttackRule, Severity } from './rule.ts';

const mostTold = 20;
const mostExcerpts = 5;

/** Rules at work. */
interface Armed extends Pick<ProtectSpec, 'lenient' | 'unseenBody'> {
  readonly detect: Detector;
  /** Rules whose matches need one of another rule beside them. */
  readonly doubtful: ReadonlySet<string>;
  /** Places of credentials: what stands there is never shown. */
  readonly secrets: ReadonlySet<string>;
  /** What counts as an attack: what one list of rules found reaches its threshold. */
  readonly thresholds: readonly { readonly has: (rule: AttackRule) => boolean; readonly threshold: number }[];
}

const scores: Readonly<Record<Severity, number>> = { critical: 5, error: 4, warning: 3, notice: 2 };

const scoreOf = (matches: readonly Match[]): number =>
  matches.reduce((sum, { rule }) => sum + scores[rule.severity], 0);

/** What was found, fit for audit. */
function detailOf(matches: readonly Match[], { secrets }: Armed): Detail {
  const told = matches.slice(0, mostTold);
  const excerpts = told.slice(0, mostExcerpts).flatMap(({ rule, place, text, at }) => {
    const excerpt = excerptOf(place, text, at, secrets);
    return excerpt === undefined ? [] : [`${rule.id}: ${excerpt}`];
  });
  return {
    inspection: 'protect',
    'attack.rules': told.map(({ rule }) => rule.id),
    'attack.classes': [...new Set(matches.map(({ rule }) => rule.class))],
    'attack.score': scoreOf(matches),
    'attack.places': [...new Set(told.map(({ place }) => place.slice(0, 128)))],
    ...(excerpts.length === 0 ? {} : { 'attack.excerpts': excerpts }),
  };
}

function verdictOf({ matches, complete }: Detected, armed: Armed, budgetMs: number): Verdict {
  const { thresholds, doubtful } = armed;
  const attacked = thresholds.some(({ has, threshold }) => {
    const theirs = matches.filter(({ rule }) => has(rule));
    return theirs.some(({ rule }) => !doubtful.has(rule.id)) && scoreOf(theirs) >= threshold;
  });
  if (attacked) return reject('attack_detected', detailOf(matches, armed));
  if (!complete) return fail('inspection_timeout', { inspection: 'protect', budgetMs: Math.round(budgetMs) });
  return matches.length > 0 ? passWith(undefined, detailOf(matches, armed)) : pass();
}

function searchWith(armed: Armed): Inspect {
  return (subject, reading) => {
    const { content, refusal } = seeBody(subject, reading, armed);
    if (refusal !== undefined && content === undefined) return refusal;
    const view = openView({ subject, content, proven: reading.proven });
    // What reading the body and holding it against a contract have left.
    const budgetMs = Math.max(0, reading.endMs - performance.now());
    const verdict = verdictOf(armed.detect(view, budgetMs), armed, budgetMs);
    if (refusal !== undefined) return verdict.kind === 'reject' ? verdict : refusal;
    // What is wrapped once more might hold anything: nothing is let through on what was seen of it.
    const excessive = view.excessive();
    if (excessive === undefined || verdict.kind === 'reject') return verdict;
    return reject('encoding_excessive', { inspection: 'protect', place: excessive.slice(0, 128) });
  };
}

function arm(spec: ProtectSpec, context: BuildContext | undefined): Armed {
  const set = ruleSetOf(rulesOf(spec));
  for (const [id, problem] of set.problems) context?.issue([], `the rule ${id} cannot be searched with: ${problem}`);
  const { embedded, crs } = spec;
  const ofCrs = new Set(crs?.rules.map(({ id }) => id));
  const [own, theirs] = [embedded, crs].map((list) => compileExclusions(list?.exclusions ?? []));
  const isTheirs = ({ id }: AttackRule): boolean => ofCrs.has(id);
  return {
    lenient: spec.lenient,
    unseenBody: spec.unseenBody,
    doubtful: new Set(spec.doubtful),
    secrets: new Set(spec.secrets),
    detect: openDetector(set, { of: (rule) => (isTheirs(rule) ? theirs : own)?.of(rule) }),
    thresholds: [
      { has: (rule) => !isTheirs(rule), threshold: embedded.threshold },
      ...(crs === undefined ? [] : [{ has: isTheirs, threshold: crs.threshold }]),
    ],
  };
}

/** Attacks in path, query, headers, cookies, body fields and file names. */
export const protectInspection: Inspection = Object.freeze({
  key: 'protect',
  schema: protectSchema,
  heavy: true,
  build({ protect, secretPlaces = [] }, context) {
    const preset = protect?.preset ?? 'balanced';
    if (protect === undefined || preset === 'off') return undefined;
    const below = context.at('protect');
    const spec = policyOf(protect, preset, secretPlaces, below);
    return {
      spec,
      inspect: searchWith(arm(spec, below)),
      onFailure: protect.on_failure ?? 'deny',
      mode: protect.mode ?? (preset === 'monitor' ? 'shadow' : 'enforce'),
    };
  },
  // The very spec that build gave.
  compile: (spec) => searchWith(arm(spec as ProtectSpec, undefined)),
} satisfies Inspection);
