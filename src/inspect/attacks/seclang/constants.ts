import type { Assignment, Operator, Target, Transform } from '../rule.ts';
import type { Chain, Link } from './chain.ts';

/**
 * Variables (TX) whose values are known at load, because only rules without a condition on the request set them: the
 * settings of crs-setup.conf and the defaults of the initialisation.
 */
export interface Constants {
  /** What holds so far; rules are walked in their order. */
  readonly values: Map<string, string>;
  /** Names that some rule sets by what it sees of a request: they are known to nobody. */
  readonly dynamic: ReadonlySet<string>;
}

const macro = /%\{([^}]*)\}/g;

/** Names of variables that a template reads, as `tx.name` and the like. */
const macrosOf = (template: string): readonly string[] => [...template.matchAll(macro)].map(([, name = '']) => name);

/** The text or number that an operator is given; empty when it takes none. */
function templateOfOperator(operator: Operator): string {
  if ('text' in operator) return operator.text;
  return 'number' in operator ? operator.number : '';
}

/** Every macro that a link reads, those of its assignments too. */
export const macrosOfLink = ({ operator, sets }: Link): readonly string[] =>
  [templateOfOperator(operator), ...sets.flatMap(({ name, value }) => [name, value])].flatMap(macrosOf);

/** The name that a target selects of the variables; undefined when it selects something else or by a pattern. */
export function variableOf({ collection, only }: Target): string | undefined {
  const [name, ...more] = only;
  if (collection !== 'tx' || name === undefined || more.length > 0) return undefined;
  return 'exact' in name ? name.exact : undefined;
}

const isCapture = (name: string): boolean => /^\d$/.test(name);

function knownName(name: string | undefined, dynamic: ReadonlySet<string>): name is string {
  return name !== undefined && !isCapture(name) && !dynamic.has(name);
}

const knownTemplate = (template: string, dynamic: ReadonlySet<string>): boolean =>
  macrosOf(template).every((name) => name.startsWith('tx.') && knownName(name.slice(3), dynamic));

/** Transformations that leave a number as it is. */
const numeral: ReadonlySet<Transform> = new Set<Transform>(['lowercase', 'trim', 'url_decode', 'url_decode_uni']);

/** Whether a link asks of nothing but constants. */
const isFixed = ({ targets, operator, transforms }: Link, dynamic: ReadonlySet<string>): boolean =>
  transforms.every((transform) => 'number' in operator && numeral.has(transform)) &&
  (operator.kind === 'always' || 'number' in operator || 'text' in operator) &&
  knownTemplate(templateOfOperator(operator), dynamic) &&
  targets.every((target) => knownName(variableOf(target), dynamic));

/** Names that rules set by what they see of the request: found again until none comes along, for one may hang on another. */
export function dynamicNames(chains: readonly Chain[]): ReadonlySet<string> {
  const dynamic = new Set<string>();
  for (let before = -1; before < dynamic.size; ) {
    before = dynamic.size;
    for (const { links } of chains) {
      const fixed = links.every((link) => isFixed(link, dynamic));
      for (const { name, value } of links.flatMap(({ sets }) => sets)) {
        if (!fixed || !knownTemplate(value, dynamic)) dynamic.add(name);
      }
    }
  }
  return dynamic;
}

/** The template with the constants in it filled in; others stay. */
export const fill = (template: string, { values, dynamic }: Constants): string =>
  template.replace(macro, (whole, name: string) => {
    const variable = name.startsWith('tx.') ? name.slice(3) : undefined;
    return knownName(variable, dynamic) ? (values.get(variable) ?? '') : whole;
  });

/** Runs an assignment on the constants. */
export function assign({ name, value, adds }: Assignment, constants: Constants): void {
  const filled = fill(value, constants);
  const before = Number(constants.values.get(name) ?? 0);
  constants.values.set(name, adds ? String(before + Number(filled)) : filled);
}

/** SecLang's numbers: what is none counts as 0. */
const numberOf = (text: string): number => (/^-?\d+$/.test(text.trim()) ? Number(text) : 0);

function holds(operator: Operator, text: string, given: string): boolean | undefined {
  const [number, other] = [numberOf(text), numberOf(given)];
  switch (operator.kind) {
    case 'always':
      return true;
    case 'eq':
      return number === other;
    case 'lt':
      return number < other;
    case 'gt':
      return number > other;
    case 'le':
      return number <= other;
    case 'ge':
      return number >= other;
    case 'equals':
      return text === given;
    case 'contains':
      return text.includes(given);
    case 'within':
      return given.includes(text);
    default:
      return undefined;
  }
}

/** Whether a link holds whatever the request is; undefined when that hangs on the request. */
export function decide(link: Link, constants: Constants): boolean | undefined {
  if (!isFixed(link, constants.dynamic)) return undefined;
  if (link.targets.length === 0) return link.operator.kind === 'always' ? !link.negated : undefined;
  const given = fill(templateOfOperator(link.operator), constants);
  const texts = link.targets.flatMap((target) => {
    const value = constants.values.get(variableOf(target) ?? '');
    if (target.counted) return value === undefined ? '0' : '1';
    return value ?? [];
  });
  const results = texts.map((text) => holds(link.operator, text, given));
  if (results.includes(undefined)) return undefined;
  return results.some((result) => result !== link.negated);
}
