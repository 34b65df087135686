import type { SourceFile } from '../../../core/build.ts';
import { type Action, type LogicalLine, type Place, readLines, splitActions, splitWords } from './text.ts';

/** A SecRule or SecAction: variables and operator are undefined where it has none (it always matches). */
export interface RuleDirective extends Place {
  readonly kind: 'rule';
  readonly variables: string | undefined;
  readonly operator: string | undefined;
  readonly actions: readonly Action[];
}

/** A directive that is not a rule but says something about rules. */
export type Directive =
  | RuleDirective
  | ({ readonly kind: 'marker' | 'signature'; readonly text: string } & Place)
  | ({ readonly kind: 'defaults'; readonly actions: readonly Action[] } & Place)
  | ({ readonly kind: 'remove'; readonly by: RuleProperty; readonly texts: readonly string[] } & Place)
  | ({
      readonly kind: 'retarget';
      readonly by: RuleProperty;
      readonly text: string;
      readonly variables: string;
    } & Place)
  | ({ readonly kind: 'unsupported'; readonly name: string } & Place);

/** By what a directive finds the rules that it changes. */
export type RuleProperty = 'id' | 'tag' | 'msg';

/** Directives that set up an engine or a server that is not here: they say nothing about what is found. */
const housekeeping: ReadonlySet<string> = new Set([
  'secauditengine',
  'secauditlog',
  'secauditlog2',
  'secauditlogformat',
  'secauditlogparts',
  'secauditlogrelevantstatus',
  'secauditlogstoragedir',
  'secauditlogtype',
  'seccollectiontimeout',
  'secdatadir',
  'secdebuglog',
  'secdebugloglevel',
  'sectmpdir',
  'secuploaddir',
  'secwebappid',
]);

const removal: ReadonlyMap<string, RuleProperty> = new Map([
  ['secruleremovebyid', 'id'],
  ['secruleremovebytag', 'tag'],
  ['secruleremovebymsg', 'msg'],
]);

const retargeting: ReadonlyMap<string, RuleProperty> = new Map([
  ['secruleupdatetargetbyid', 'id'],
  ['secruleupdatetargetbytag', 'tag'],
  ['secruleupdatetargetbymsg', 'msg'],
]);

function ruleDirective(place: Place, words: readonly string[], isAction: boolean): RuleDirective | string {
  const [variables, operator] = isAction ? [] : words;
  const list = isAction ? words[0] : words[2];
  if (words.length > (isAction ? 1 : 3)) return 'has more arguments than it takes';
  if (!isAction && (variables === undefined || operator === undefined)) return 'needs variables and an operator';
  const actions = splitActions(list ?? '');
  if (actions === undefined) return 'has a list of actions that cannot be read: a quotation mark or a comma is missing';
  return { kind: 'rule', ...place, variables, operator, actions };
}

/** What a line says; a text says what is wrong with it, undefined is housekeeping. */
function readDirective({ text, ...place }: LogicalLine): Directive | string | undefined {
  const words = splitWords(text);
  if (words === undefined) return 'a quotation mark is not closed, or text stands right behind one';
  const [name = '', ...rest] = words;
  const lower = name.toLowerCase();
  const [first = '', second] = rest;
  const [remove, retarget] = [removal.get(lower), retargeting.get(lower)];
  if (lower === 'secrule' || lower === 'secaction') {
    const rule = ruleDirective(place, rest, lower === 'secaction');
    return typeof rule === 'string' ? `${name} ${rule}` : rule;
  }
  if (lower === 'secmarker') return { kind: 'marker', ...place, text: first };
  if (lower === 'seccomponentsignature') return { kind: 'signature', ...place, text: first };
  if (lower === 'secdefaultaction') {
    const actions = splitActions(first);
    return actions === undefined
      ? `${name} has a list of actions that cannot be read`
      : { kind: 'defaults', ...place, actions };
  }
  if (remove !== undefined) return { kind: 'remove', ...place, by: remove, texts: rest };
  if (retarget !== undefined && second !== undefined && rest.length === 2) {
    return { kind: 'retarget', ...place, by: retarget, text: first, variables: second };
  }
  return housekeeping.has(lower) ? undefined : { kind: 'unsupported', ...place, name };
}

/** The directives of a file in their order. What cannot be read is an issue at its line. */
export function readDirectives(file: SourceFile): readonly Directive[] {
  return readLines(file).flatMap((line) => {
    const directive = readDirective(line);
    if (typeof directive !== 'string') return directive ?? [];
    file.issueAt(line.line, directive);
    return [];
  });
}
