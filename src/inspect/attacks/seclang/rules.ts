import { RE2JS } from 're2js';
import type { AttackRule, Condition, NameMatch, Operator } from '../rule.ts';
import { classOf, type Link } from './chain.ts';
import { type Constants, fill, macrosOfLink, variableOf } from './constants.ts';
import type { LiveChain } from './walk.ts';

/** Whether rules read a variable (TX) while they look at a request. */
type IsRead = (name: string) => boolean;

function testOf(name: NameMatch): IsRead {
  if ('exact' in name) return (text) => text === name.exact;
  const pattern = RE2JS.compile(name.pattern);
  return (text) => pattern.test(text);
}

/** What links read of the variables, by name, by pattern and by macro; a name with a macro in it is judged by the rest. */
function readsOf(links: readonly Link[]): IsRead {
  const targets = links.flatMap((link) => link.targets).filter(({ collection }) => collection === 'tx');
  const tests = targets.flatMap(({ only }) => (only.length === 0 ? [() => true] : only.map(testOf)));
  const macros = new Set(links.flatMap(macrosOfLink));
  return (name) => {
    const plain = name.replace(/%\{[^}]*\}/g, '');
    return macros.has(`tx.${plain}`) || tests.some((test) => test(plain));
  };
}

function fillOperator(operator: Operator, constants: Constants): Operator {
  if ('text' in operator) return { ...operator, text: fill(operator.text, constants) };
  return 'number' in operator ? { ...operator, number: fill(operator.number, constants) } : operator;
}

/** A link with the constants in its texts. */
const fillLink = (link: Link, constants: Constants): Link => ({
  ...link,
  operator: fillOperator(link.operator, constants),
  sets: link.sets.map(({ name, value, adds }) => ({
    name: fill(name, constants),
    value: fill(value, constants),
    adds,
  })),
});

const captureMacro = /^tx\.\d$/;

/** Whether what a link's groups hold is read: by its own assignments, or by anything of the links after it. */
const capturesCount = (link: Link, later: readonly Link[]): boolean =>
  [{ ...link, operator: { kind: 'always' } as const }, ...later]
    .flatMap(macrosOfLink)
    .some((name) => captureMacro.test(name)) ||
  later.flatMap(({ targets }) => targets).some((target) => captureMacro.test(`tx.${variableOf(target)}`));

/** The conditions of a chain; undefined when an exclusion has left one of them nothing to look at. */
function conditionsOf(links: readonly Link[]): AttackRule['conditions'] | undefined {
  const conditions = links.flatMap((link, index): readonly Condition[] => {
    const { targets, transforms, everyStage, operator, negated, sets } = link;
    const [first, ...rest] = targets;
    if (first === undefined) return [];
    const captures = link.captures && capturesCount(link, links.slice(index + 1));
    const common = { targets: [first, ...rest], transforms, everyStage, operator, negated, captures } as const;
    return [sets.length > 0 ? { ...common, sets } : common];
  });
  const [first, ...rest] = conditions;
  return first === undefined || conditions.length < links.length ? undefined : [first, ...rest];
}

/** A message without its macros: what was found is told elsewhere, and redacted. */
const titleOf = (id: string, message: string): string =>
  message.replace(/\s*\(?%\{[^}]*\}\)?/g, '').trim() || `Rule ${id}`;

/** The settings that rules read while they look at a request: a first rule that always matches sets them. */
function prelude(isRead: IsRead, { values }: Constants): readonly AttackRule[] {
  const sets = [...values].filter(([name]) => isRead(name)).map(([name, value]) => ({ name, value, adds: false }));
  if (sets.length === 0) return [];
  const condition: Condition = {
    targets: [{ collection: 'request_method', only: [], except: [], counted: false }],
    transforms: [],
    everyStage: false,
    operator: { kind: 'always' },
    negated: false,
    captures: false,
    sets,
  };
  const about = { id: 'crs-setup', class: 'generic', title: 'Settings', severity: 'notice', paranoia: 1 } as const;
  return [{ ...about, conditions: [condition], silent: true }];
}

/** The rules as the evaluation knows them; silent ones that nobody would notice are left out. */
export function toRules(live: readonly LiveChain[], constants: Constants): readonly AttackRule[] {
  const filled = live.map((one) => ({ ...one, links: one.links.map((link) => fillLink(link, constants)) }));
  const isRead = readsOf(filled.flatMap(({ links }) => links));
  const skippers = new Set(live.flatMap(({ unless }) => unless));
  const rules = filled.flatMap(({ chain, links, paranoia, unless, removes }): readonly AttackRule[] => {
    const needed = links.map((link) => ({ ...link, sets: link.sets.filter(({ name }) => isRead(name)) }));
    const conditions = conditionsOf(needed);
    const noticed =
      chain.finds || removes.length > 0 || skippers.has(chain.id) || needed.some(({ sets }) => sets.length > 0);
    if (conditions === undefined || !noticed) return [];
    return [
      {
        id: chain.id,
        class: classOf(chain.tags),
        title: titleOf(chain.id, chain.title),
        severity: chain.severity,
        paranoia,
        conditions,
        ...(chain.finds ? {} : { silent: true }),
        ...(unless.length > 0 ? { unless } : {}),
        ...(removes.length > 0 ? { removes } : {}),
      },
    ];
  });
  return [...prelude(isRead, constants), ...rules];
}
