import { basename } from 'node:path';
import type { SourceFile } from '../../../core/build.ts';
import type { AttackRule } from '../rule.ts';
import { type Chain, isChain, readChains, type Step } from './chain.ts';
import { type Constants, dynamicNames } from './constants.ts';
import { selectRules } from './controls.ts';
import { readDirectives } from './directives.ts';
import { gatewayRule, gatewaySetup } from './gateway-setup.ts';
import { toRules } from './rules.ts';
import { exclude, readTargets } from './targets.ts';
import type { Place } from './text.ts';
import { type LiveChain, type Paranoia, paranoiaOf, walk } from './walk.ts';

/** Something in the rules that is not done here. */
interface Unsupported {
  /** The rule's id, or a range of them; undefined for what is no rule. */
  readonly id: string | undefined;
  readonly place: Place;
  readonly what: string;
}

/** The rules of a directory, compiled. */
export interface CompiledCrs {
  /** All levels of paranoia, in the order in which they are looked at. */
  readonly rules: readonly AttackRule[];
  /** Told as notes of the files too. */
  readonly unsupported: readonly Unsupported[];
  /** Like 4.25.0; undefined where no file says it. */
  readonly version: string | undefined;
  /** What crs-setup.conf says, else CRS's defaults (1 and 5). */
  readonly paranoia: Paranoia;
  readonly threshold: number;
}

/** Scores of severities: those of the evaluation. */
const scores: Readonly<Record<string, string>> = {
  critical_anomaly_score: '5',
  error_anomaly_score: '4',
  warning_anomaly_score: '3',
  notice_anomaly_score: '2',
};

const setupFile = /^@?crs-setup\.conf(\.example)?$/;

/** The settings first, then the rules by name. An example counts only where there is no file of one's own. */
function ruleFiles(files: readonly SourceFile[]): readonly SourceFile[] {
  const named = (test: (name: string) => boolean): readonly SourceFile[] =>
    files.filter(({ name }) => test(basename(name)));
  const setups = named((name) => setupFile.test(name));
  const own = setups.filter(({ name }) => !name.endsWith('.example'));
  return [...(own.length > 0 ? own : setups), ...named((name) => name.endsWith('.conf') && !setupFile.test(name))];
}

/** Our settings, where CRS's own rules stand without any: they come first, so that all that the files say comes after them. */
function settingsFor(files: readonly SourceFile[], read: readonly Step[]): readonly Step[] {
  const set = files.some(({ name }) => setupFile.test(basename(name)));
  const policed = read.some((step) => isChain(step) && step.id === gatewayRule);
  return set || !policed ? [] : readChains(readDirectives(gatewaySetup), () => undefined);
}

/** Scoring is the evaluation's own: 949 in CRS. */
const scoring = /^949\d{3}$/;

/** Rules for responses and for the log, told file by file. */
function outside(chains: readonly Chain[]): readonly Unsupported[] {
  const groups = Map.groupBy(
    chains.filter(({ phase }) => phase !== 1 && phase !== 2),
    ({ place, phase }) => `${place.file.name} ${phase === 5}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const what = first.phase === 5 ? 'what is logged' : 'responses';
    const ids = group.map(({ id }) => id).sort();
    const id = ids.length === 1 ? first.id : `${ids[0]}-${ids.at(-1)}`;
    return [
      {
        id,
        place: first.place,
        what: `${group.length === 1 ? '1 rule looks' : `${group.length} rules look`} at ${what}: not loaded`,
      },
    ];
  });
}

/** Applies SecRuleRemoveBy… and SecRuleUpdateTargetBy… wherever they stand; what cannot be applied is listed. */
function rearrange(steps: readonly Step[], unsupported: Unsupported[]): readonly Step[] {
  return steps.reduce<readonly Step[]>((all, directive) => {
    if (isChain(directive) || (directive.kind !== 'remove' && directive.kind !== 'retarget')) return all;
    const refuse = (what: string): readonly Step[] => {
      unsupported.push({ id: undefined, place: directive, what });
      return all;
    };
    const text = directive.kind === 'remove' ? directive.texts.join(' ') : directive.text;
    const selected = selectRules(directive.by, text);
    if (selected === undefined) return refuse(`the pattern ${text}`);
    if (directive.kind === 'remove') return all.filter((step) => !isChain(step) || !selected(step));
    const { targets, exclusions, problems } = readTargets(directive.variables);
    if (problems.length > 0) return refuse(problems.join('; '));
    return all.map((step) => {
      if (!isChain(step) || !selected(step)) return step;
      const [first, ...rest] = step.links;
      const changed = exclusions.reduce(exclude, [...first.targets, ...targets]);
      return { ...step, links: [{ ...first, targets: changed }, ...rest] };
    });
  }, steps);
}

/** Rules need an id of their own, for everything that is said about them names it. */
function checkIds(chains: readonly Chain[]): void {
  const seen = new Set<string>();
  for (const { id, place } of chains) {
    if (!/^\d+$/.test(id)) place.file.issueAt(place.line, 'the rule has no id');
    else if (seen.has(id)) place.file.issueAt(place.line, `the id ${id} is taken by another rule`);
    seen.add(id);
  }
}

/** Whether a match would only be written into a log. */
const isIdle = ({ finds, links, controls, skip, skipAfter, problems }: Chain): boolean =>
  !finds &&
  problems.length === 0 &&
  controls.length === 0 &&
  skip === 0 &&
  skipAfter === undefined &&
  links.every(({ sets }) => sets.length === 0);

/** What is not done of the rules that a request may meet, and of what is no rule. */
function listUnsupported(
  steps: readonly Step[],
  live: readonly LiveChain[],
  { values }: Constants,
): readonly Unsupported[] {
  const directives = steps.flatMap((step) =>
    !isChain(step) && step.kind === 'unsupported'
      ? [{ id: undefined, place: step, what: `the directive ${step.name}` }]
      : [],
  );
  const parts = live.flatMap(({ chain, problems }) =>
    [
      ...(chain.problems.length > 0 ? [`${chain.problems.join('; ')}: the rule is not loaded`] : []),
      ...(isIdle(chain) ? ['it lets everything pass and changes nothing: the rule is not loaded'] : []),
      ...problems,
    ].map((what) => ({ id: chain.id, place: chain.place, what })),
  );
  const settings = live.flatMap(({ chain, links }) =>
    links.length > 0
      ? []
      : chain.links
          .flatMap(({ sets }) => sets)
          .filter(({ name }) => scores[name] !== undefined && values.get(name) !== scores[name])
          .map(({ name }) => ({
            id: chain.id,
            place: chain.place,
            what: `tx.${name}=${values.get(name)}: such a match counts ${scores[name]}`,
          })),
  );
  return [...directives, ...parts, ...settings];
}

function versionOf(steps: readonly Step[]): string | undefined {
  const texts = steps.flatMap((step) => (isChain(step) ? step.version : step.kind === 'signature' ? step.text : []));
  return texts.flatMap((text) => /^OWASP_CRS\/(\d+\.\d+\.\d+\S*)/.exec(text)?.[1] ?? []).at(0);
}

/** What is wrong with the directory as a whole; undefined when rules of CRS 4 are in it. */
function directoryProblem(chains: readonly Chain[], version: string | undefined): string | undefined {
  if (chains.length === 0) return 'holds no rules: name the directory with the *.conf files of the OWASP Core Rule Set';
  if (version?.startsWith('4.') === true) return undefined;
  return `holds ${version === undefined ? 'other rules' : `version ${version}`}: only the OWASP Core Rule Set 4 is supported`;
}

function compile(files: readonly SourceFile[]): CompiledCrs & { readonly problem: string | undefined } {
  const unsupported: Unsupported[] = [];
  const data = new Map(files.map((file) => [basename(file.name), file]));
  const read = readChains(ruleFiles(files).flatMap(readDirectives), (name) => data.get(name));
  const version = versionOf(read);
  const steps = rearrange(read, unsupported).filter((step) => !isChain(step) || !scoring.test(step.id));
  const chains = steps.filter(isChain);
  checkIds(chains);
  const constants: Constants = {
    values: new Map([['crs_setup_version', version ?? '']]),
    dynamic: dynamicNames(chains.filter(({ phase }) => phase <= 2)),
  };
  const live = walk([...settingsFor(files, read), ...steps], constants);
  unsupported.push(...listUnsupported(steps, live, constants), ...outside(chains));
  const removed = new Set(
    live
      .filter(({ links }) => links.length === 0)
      .flatMap(({ removes }) => removes)
      .flatMap(({ rules, target }) => (target === undefined ? rules : [])),
  );
  for (const { id, place, what } of unsupported) {
    place.file.noteAt?.(place.line, id === undefined ? `not supported: ${what}` : `not supported: ${id}: ${what}`);
  }
  const loaded = live.filter(
    ({ chain, links }) => links.length > 0 && chain.problems.length === 0 && !removed.has(chain.id),
  );
  return {
    problem: directoryProblem(chains, version),
    rules: toRules(loaded, constants),
    unsupported,
    version,
    paranoia: paranoiaOf(Number(constants.values.get('blocking_paranoia_level') ?? 1)),
    threshold: Number(constants.values.get('inbound_anomaly_score_threshold') ?? 5),
  };
}

/**
 * Compiles the OWASP Core Rule Set 4 from the files of a directory (`*.conf`, `*.data`, and crs-setup.conf or its example).
 * Syntax errors and missing data files are issues of their files; a directory without rules, or with other rules, is one of
 * the option. What is not supported is listed, never left out in silence.
 */
export function compileCrs(files: readonly SourceFile[], issue: (message: string) => void): CompiledCrs {
  const { problem, ...compiled } = compile(files);
  if (problem !== undefined) issue(problem);
  return compiled;
}
