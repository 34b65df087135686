import type { SourceFile } from '../../../core/build.ts';
import type { Assignment, AttackClass, Operator, Severity, Target, Transform } from '../rule.ts';
import type { Directive, RuleDirective } from './directives.ts';
import { readOperator, templateOf } from './operators.ts';
import { readTargets } from './targets.ts';
import type { Action, Place } from './text.ts';
import { readTransforms } from './transforms.ts';

/** One link of a chain, read but not yet freed of what is known at load. */
export interface Link {
  /** Empty for SecAction. */
  readonly targets: readonly Target[];
  readonly transforms: readonly Transform[];
  readonly operator: Operator;
  readonly negated: boolean;
  readonly everyStage: boolean;
  readonly captures: boolean;
  readonly sets: readonly Assignment[];
}

/** A whole rule: its first link says what it is, the others are conditions only. */
export interface Chain {
  readonly place: Place;
  readonly id: string;
  readonly phase: number;
  readonly links: readonly [Link, ...Link[]];
  /** block and deny find something, pass does not. */
  readonly finds: boolean;
  readonly title: string;
  readonly tags: readonly string[];
  readonly severity: Severity;
  readonly version: string;
  /** `ctl` actions of all links. */
  readonly controls: readonly string[];
  /** The marker behind which it goes on after a match. */
  readonly skipAfter: string | undefined;
  /** How many rules it passes over after a match. */
  readonly skip: number;
  /** What of it is not supported: then it is not loaded. */
  readonly problems: readonly string[];
}

/** A data file of the directory, by its bare name. */
type DataFile = (name: string) => SourceFile | undefined;

const severities: readonly (readonly [name: string, severity: Severity])[] = [
  ['emergency', 'critical'],
  ['alert', 'critical'],
  ['critical', 'critical'],
  ['error', 'error'],
  ['warning', 'warning'],
  ['notice', 'notice'],
  ['info', 'notice'],
  ['debug', 'notice'],
];

/** By its name or its number from 0 to 7; critical where a rule has none, so that it counts in full. */
const severityOf = (text: string | undefined): Severity =>
  severities.find(([name], index) => name === text?.toLowerCase() || String(index) === text)?.[1] ?? 'critical';

/** By their tag, in the order of how much they say. */
const classes: ReadonlyMap<string, AttackClass> = new Map<string, AttackClass>([
  ['attack-sqli', 'sqli'],
  ['attack-xss', 'xss'],
  ['attack-lfi', 'path_traversal'],
  ['attack-rfi', 'file_inclusion'],
  ['attack-ssrf', 'ssrf'],
  ['attack-ssti', 'template_injection'],
  ['attack-rce', 'command_injection'],
  ['attack-injection-php', 'code_injection'],
  ['attack-injection-java', 'code_injection'],
  ['attack-injection-nodejs', 'code_injection'],
  ['attack-injection-generic', 'code_injection'],
  ['attack-fixation', 'session_fixation'],
  ['attack-reputation-scanner', 'scanner'],
  ['attack-multipart-header', 'protocol'],
  ['attack-deprecated-header', 'protocol'],
  ['attack-protocol', 'protocol'],
]);

/** The class of the attack that a rule's tags name. */
export const classOf = (tags: readonly string[]): AttackClass =>
  [...classes].find(([tag]) => tags.includes(tag))?.[1] ?? 'generic';

/** Actions that change nothing of what is found. */
const silentActions: ReadonlySet<string> = new Set([
  ...['id', 'phase', 'msg', 'tag', 'ver', 'rev', 'maturity', 'accuracy', 'severity', 'logdata', 'status', 'log'],
  ...['nolog', 'auditlog', 'noauditlog', 't', 'chain', 'capture', 'multimatch', 'setvar', 'ctl', 'skip', 'skipafter'],
  ...['block', 'deny', 'drop', 'pass', 'sanitisearg', 'sanitisematched', 'sanitiserequestheader'],
]);

function assignment(text: string): Assignment | string {
  const [, name, value = '1'] = /^tx\.([^=]+)(?:=(.*))?$/is.exec(text.trim()) ?? [];
  if (name === undefined) return `setvar:${text}`;
  const adds = /^[+-]/.test(value);
  const amount = value.startsWith('+') ? value.slice(1) : value;
  return { name: templateOf(name).trim().toLowerCase(), value: templateOf(amount), adds };
}

/** A link's parts, or what of it is not supported. */
function readLink(
  rule: RuleDirective,
  defaults: readonly Transform[],
  data: DataFile,
): { readonly link?: Link; readonly problems: readonly string[] } {
  const all = (name: string): readonly string[] =>
    rule.actions.filter((action) => action.name === name).map(({ value }) => value);
  const list = readTargets(rule.variables ?? '');
  const read =
    rule.operator === undefined
      ? { operator: { kind: 'always' } as const, negated: false }
      : readOperator(rule.operator, { place: rule, data });
  const changed = readTransforms(all('t'), defaults);
  const sets = all('setvar').map(assignment);
  const problems = [
    ...list.problems,
    ...(typeof read === 'string' ? [read] : []),
    ...(changed.problem === undefined ? [] : [changed.problem]),
    ...sets.filter((set) => typeof set === 'string'),
    ...rule.actions.filter(({ name }) => !silentActions.has(name)).map(({ name }) => `the action ${name}`),
  ];
  const blind = rule.variables !== undefined && list.targets.length === 0 && list.problems.length === 0;
  if (blind) problems.push('no variables that can be looked at');
  if (problems.length > 0 || typeof read === 'string') return { problems };
  return {
    problems,
    link: {
      targets: list.targets,
      transforms: changed.transforms,
      ...read,
      everyStage: all('multimatch').length > 0,
      captures: all('capture').length > 0,
      sets: sets.filter((set) => typeof set !== 'string'),
    },
  };
}

/** What stands for a link that cannot be read: the chain is not loaded, but its place in the order counts. */
const blank: Link = {
  targets: [],
  transforms: [],
  operator: { kind: 'bad_utf8' },
  negated: false,
  everyStage: false,
  captures: false,
  sets: [],
};

/** 1 and 2 look at requests, 3 and 4 at responses, 5 at what is logged; 2 where nothing is said. */
function phaseOf(actions: readonly Action[]): number {
  const text = actions.find(({ name }) => name === 'phase')?.value.toLowerCase();
  return text === undefined || text === 'request' ? 2 : text === 'response' ? 4 : text === 'logging' ? 5 : Number(text);
}

function readChain(
  rules: readonly [RuleDirective, ...RuleDirective[]],
  defaults: ReadonlyMap<number, readonly Transform[]>,
  data: DataFile,
): Chain {
  const [first] = rules;
  const actionValue = (name: string): string | undefined => first.actions.find((action) => action.name === name)?.value;
  const phase = phaseOf(first.actions);
  const [head, ...tail] = rules.map((rule) => readLink(rule, defaults.get(phase) ?? [], data));
  const actions = rules.flatMap((rule) => rule.actions);
  return {
    place: first,
    id: actionValue('id') ?? '',
    phase,
    links: [head?.link ?? blank, ...tail.map(({ link }) => link ?? blank)],
    finds: first.actions.some(({ name }) => name === 'block' || name === 'deny' || name === 'drop'),
    title: actionValue('msg') ?? '',
    tags: first.actions.filter(({ name }) => name === 'tag').map(({ value }) => value),
    severity: severityOf(actionValue('severity')),
    version: actionValue('ver') ?? '',
    controls: actions.filter(({ name }) => name === 'ctl').map(({ value }) => value),
    skipAfter: actionValue('skipafter'),
    skip: Number(actionValue('skip') ?? 0),
    problems: [head?.problems ?? [], ...tail.map(({ problems }) => problems)].flat(),
  };
}

/** A chain, or what stands between chains. */
export type Step = Chain | Exclude<Directive, RuleDirective>;

/** Whether a step is a rule. */
export const isChain = (step: Step): step is Chain => !('kind' in step);

const goesOn = ({ actions }: RuleDirective): boolean => actions.some(({ name }) => name === 'chain');

/** Puts the links of each chain together; a chain that is not ended, and a rule without an id, are issues. */
export function readChains(directives: readonly Directive[], data: DataFile): readonly Step[] {
  const steps: Step[] = [];
  const defaults = new Map<number, readonly Transform[]>();
  let open: RuleDirective[] = [];
  for (const directive of directives) {
    if (directive.kind === 'defaults') {
      const names = directive.actions.filter(({ name }) => name === 't').map(({ value }) => value);
      defaults.set(phaseOf(directive.actions), readTransforms(names, []).transforms);
    }
    if (directive.kind !== 'rule') {
      steps.push(directive);
      continue;
    }
    open.push(directive);
    if (goesOn(directive)) continue;
    const [first, ...rest] = open;
    if (first !== undefined) steps.push(readChain([first, ...rest], defaults, data));
    open = [];
  }
  const [unfinished] = open;
  unfinished?.file.issueAt(unfinished.line, 'the chain has no last rule');
  return steps;
}
