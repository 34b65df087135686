import assert from 'node:assert/strict';
import { openDetector } from '../../src/inspect/attacks/detection/detector.ts';
import { compileExclusions, type Exclusion } from '../../src/inspect/attacks/detection/exclusions.ts';
import { compileRuleSet } from '../../src/inspect/attacks/detection/rule-set.ts';
import type { RuleEngine } from '../../src/inspect/attacks/engine.ts';
import { openView } from '../../src/inspect/attacks/request/view.ts';
import type { AttackRule, Collection, Condition, Operator, Target } from '../../src/inspect/attacks/rule.ts';
import { aSubject, type RequestSketch } from './requests.ts';

/** A condition as a test writes it: where it looks, in SecLang's words ("args:q", "&args", "!args:q"), and what it asks. */
interface ConditionSketch extends Partial<Omit<Condition, 'targets' | 'operator'>> {
  readonly in: readonly [string, ...string[]] | string;
  /** A pattern, or another operator. */
  readonly asks: string | Operator;
}

/** A rule as a test writes it. */
export interface RuleSketch extends Partial<Omit<AttackRule, 'conditions'>> {
  readonly id: string;
  readonly when: readonly [ConditionSketch, ...ConditionSketch[]];
}

/** What is left out is left out of each of them. */
function targetsOf(where: ConditionSketch['in']): Condition['targets'] {
  const targets: { -readonly [Key in keyof Target]: Target[Key] }[] = [];
  for (const text of typeof where === 'string' ? [where] : where) {
    const [, mark = '', collection = '', , name] = /^([&!]?)([a-z_]+)(:(.*))?$/.exec(text) ?? [];
    const match = name?.startsWith('/') ? { pattern: name.slice(1, -1) } : { exact: name ?? '' };
    const known = targets.filter((target) => target.collection === collection);
    if (mark === '!') for (const target of known) target.except = [...target.except, match];
    else {
      const only = name === undefined ? [] : [match];
      // The words of tests are those of the table.
      targets.push({ collection: collection as Collection, only, except: [], counted: mark === '&' });
    }
  }
  const [first, ...rest] = targets;
  assert.ok(first);
  return [first, ...rest];
}

const conditionOf = ({ in: where, asks, ...rest }: ConditionSketch): Condition => ({
  targets: targetsOf(where),
  transforms: [],
  everyStage: false,
  operator: typeof asks === 'string' ? { kind: 'rx', pattern: asks } : asks,
  negated: false,
  captures: false,
  ...rest,
});

/** A rule of the model. */
function aRule({ when: [first, ...rest], ...sketch }: RuleSketch): AttackRule {
  const title = 'a rule of a test';
  const conditions = [conditionOf(first), ...rest.map(conditionOf)] as const;
  return { class: 'generic', title, severity: 'critical', paranoia: 1, ...sketch, conditions };
}

/** What matched: "id place text" of each, in their order. */
export type Detect = (request: RequestSketch, proven?: (name: string) => boolean) => readonly string[];

/** Puts rules to work on an engine; closed with the test that asked. */
export function detectorOf(
  context: { after(close: () => void): void },
  engine: RuleEngine,
  rules: readonly RuleSketch[],
  exclusions: readonly Exclusion[] = [],
): Detect {
  const set = compileRuleSet(rules.map(aRule), engine);
  context.after(() => set.probes.close());
  assert.deepEqual([...set.problems], []);
  const detect = openDetector(set, compileExclusions(exclusions));
  return (request, proven = () => false) => {
    const subject = aSubject({ request });
    const view = openView({ subject, content: undefined, proven: ({ name }) => proven(name) });
    const { matches, complete } = detect(view, 60_000);
    assert.ok(complete);
    return matches.map(({ rule, place, text }) => `${rule.id} ${place} ${text}`);
  };
}
