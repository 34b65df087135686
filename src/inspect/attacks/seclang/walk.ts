import type { Removal } from '../rule.ts';
import { type Chain, isChain, type Link, type Step } from './chain.ts';
import { assign, type Constants, decide, variableOf } from './constants.ts';
import { readControl } from './controls.ts';

/** A level of paranoia: 1 finds what is surely wrong, 4 anything odd. */
export type Paranoia = 1 | 2 | 3 | 4;

/** A chain that a request may match, freed of conditions on constants, with where it stands in the flow. */
export interface LiveChain {
  readonly chain: Chain;
  readonly links: readonly Link[];
  readonly paranoia: Paranoia;
  /** Ids of the rules whose match passes over this one. */
  readonly unless: readonly string[];
  readonly removes: readonly Removal[];
  /** What of its ctl actions is not supported. */
  readonly problems: readonly string[];
}

const levels: ReadonlySet<string> = new Set([
  'detection_paranoia_level',
  'blocking_paranoia_level',
  'executing_paranoia_level',
  'paranoia_level',
]);

/** The level of a number; 1 where it is none. */
export const paranoiaOf = (level: number): Paranoia => (level === 2 || level === 3 || level === 4 ? level : 1);

/** The level below which a rule passes over all to a marker; undefined for every other rule. */
function gateLevel({ links: [link, ...more], skipAfter }: Chain): number | undefined {
  const [target] = link.targets;
  if (more.length > 0 || skipAfter === undefined || target === undefined || link.operator.kind !== 'lt')
    return undefined;
  return levels.has(variableOf(target) ?? '') ? Number(link.operator.number) : undefined;
}

function levelOf({ tags }: Chain): number {
  const tag = tags.find((name) => name.startsWith('paranoia-level/'));
  return Number(tag?.slice('paranoia-level/'.length) ?? 1);
}

/** What is passed over from here to a marker, or for a number of rules. */
interface Passing {
  readonly marker: string | undefined;
  left: number;
  /** Below this level, or after this rule has matched; neither: in any case. */
  readonly below?: number;
  readonly after?: string;
}

/** One phase, walked rule by rule. */
function walkPhase(
  phase: number,
  steps: readonly Step[],
  chains: readonly Chain[],
  constants: Constants,
): readonly LiveChain[] {
  const live: LiveChain[] = [];
  let passing: readonly Passing[] = [];
  const passOver = (chain: Chain, how: Pick<Passing, 'below' | 'after'>): void => {
    if (chain.skipAfter !== undefined) passing = [...passing, { ...how, marker: chain.skipAfter, left: Infinity }];
    if (chain.skip > 0) passing = [...passing, { ...how, marker: undefined, left: chain.skip }];
  };
  for (const step of steps) {
    if (!isChain(step)) {
      if (step.kind === 'marker') passing = passing.filter(({ marker }) => marker !== step.text);
      continue;
    }
    if (step.phase !== phase) continue;
    const over = passing;
    for (const one of over) one.left--;
    passing = over.filter(({ left }) => left > 0);
    if (over.some(({ below, after }) => below === undefined && after === undefined)) continue;

    const level = gateLevel(step);
    if (level !== undefined) {
      passOver(step, { below: level });
      continue;
    }
    const decided = step.links.map((link) => decide(link, constants));
    if (decided.includes(false)) continue;
    const controls = step.controls.map((control) => readControl(control, chains));
    const removes = controls.flatMap((control) => (typeof control === 'string' ? [] : control));
    const always = decided.every((result) => result === true);
    if (always) {
      for (const { sets } of step.links) for (const set of sets) assign(set, constants);
      passOver(step, {});
    } else passOver(step, { after: step.id });
    live.push({
      chain: step,
      links: step.links.filter((link, index) => decided[index] === undefined || (!always && link.sets.length > 0)),
      paranoia: paranoiaOf(Math.max(levelOf(step), ...over.map(({ below }) => below ?? 1))),
      unless: over.flatMap(({ after }) => after ?? []),
      removes,
      problems: controls.filter((control) => typeof control === 'string'),
    });
  }
  return live;
}

/**
 * The chains of the request phases in the order in which they run. What is decided by constants alone is done here: settings
 * are assigned, gates of paranoia become levels, and what is switched off is left out.
 */
export function walk(steps: readonly Step[], constants: Constants): readonly LiveChain[] {
  const chains = steps.filter(isChain);
  return [1, 2].flatMap((phase) => walkPhase(phase, steps, chains, constants));
}
