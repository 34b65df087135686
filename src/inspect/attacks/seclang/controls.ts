import { RE2JS } from 're2js';
import type { Removal } from '../rule.ts';
import type { Chain } from './chain.ts';
import type { RuleProperty } from './directives.ts';
import { readTargets } from './targets.ts';

/** Whether an id is one of `1`, `1-3`, `1 3-5`. */
function inRanges(id: string, ranges: string): boolean {
  return ranges.split(/[\s,]+/).some((range) => {
    const [first, last = first] = range.split('-');
    return first !== '' && Number(id) >= Number(first) && Number(id) <= Number(last);
  });
}

/** Which rules a directive or an action means; undefined when its pattern cannot be compiled. */
export function selectRules(by: RuleProperty, text: string): ((chain: Chain) => boolean) | undefined {
  if (by === 'id') return ({ id }) => inRanges(id, text);
  try {
    const pattern = RE2JS.compile(text);
    return by === 'tag' ? ({ tags }) => tags.some((tag) => pattern.test(tag)) : ({ title }) => pattern.test(title);
  } catch {
    return undefined;
  }
}

/** What ctl changes here in any case, or has nothing to do with what is found. */
const harmless: ReadonlySet<string> = new Set(['auditengine', 'auditlogparts', 'forcerequestbodyvariable']);

const removing = /^ruleremove(target)?by(id|tag|msg)$/;

/** What a `ctl` action takes away, nothing when it changes nothing, or in words what is not supported. */
export function readControl(control: string, chains: readonly Chain[]): readonly Removal[] | string {
  const [name = '', value = ''] = control.split(/=(.*)/s);
  const lower = name.trim().toLowerCase();
  if (harmless.has(lower)) return [];
  const [, target, by] = removing.exec(lower) ?? [];
  const [selector = '', variables = ''] = value.split(/;(.*)/s);
  if (by !== 'id' && by !== 'tag' && by !== 'msg') return `ctl:${control}`;
  const selected = selectRules(by, selector.trim());
  if (selected === undefined) return `ctl:${control}, whose pattern cannot be compiled`;
  const rules = chains.filter(selected).map(({ id }) => id);
  if (target === undefined) {
    // One request that turns every rule off is an exemption, and exemptions are rules of the config.
    return rules.length === chains.length || selector.trim() === 'OWASP_CRS'
      ? `ctl:${control}, which turns every rule off`
      : [{ rules }];
  }
  const list = readTargets(variables);
  if (list.problems.length > 0 || list.targets.length === 0) return `ctl:${control}`;
  return list.targets.map((one) => ({ rules, target: one }));
}
