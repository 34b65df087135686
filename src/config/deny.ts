import { type Authority, buildProhibition, type RequirementOptions } from '../authz/index.ts';
import type { BuildContext, JsonSchema } from '../core/build.ts';
import type { Mode, Rule, Subject } from '../core/plan.ts';
import { type Detail, reject } from '../core/verdict.ts';
import { buildMatch, type MatchOptions } from './match.ts';

/** One entry of `deny`, as its schema lets it through. */
export interface DenyOptions {
  readonly id: string;
  readonly match?: MatchOptions;
  readonly when?: RequirementOptions;
  readonly mode?: Mode;
}

/** A compiled deny rule. */
export interface Denial {
  readonly id: string;
  readonly mode: Mode;
  /** The facts by which it holds; undefined where it does not. */
  readonly find: (subject: Subject) => Detail | undefined;
}

/** The schema of the key deny, put together from parts that rules have, too. */
export const denySchema = (match: JsonSchema): JsonSchema => ({
  type: 'array',
  description:
    'What is denied whatever a rule allows, `allow: anonymous` too. Held against every request that a rule has taken, after identity and before require. Default: none.',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['id'],
    properties: {
      id: { type: 'string', format: 'identifier', description: 'The name of the entry in audit. Required, unique.' },
      match,
      when: {
        $ref: '#/$defs/requirement',
        description:
          'What must hold for the denial. Nobody has no role, no scope and no claim, and what is absent equals nothing, so that `not` holds then; an address that cannot be read is denied either way. Default: whatever matches is denied.',
      },
      mode: {
        enum: ['enforce', 'shadow'],
        description: 'shadow: evaluated and recorded, never a denial. Default: enforce.',
      },
    },
  },
});

/** Compiles the key deny; issues are reported at the context. Entries that are undefined have a bad shape. */
export function buildDenials(
  entries: readonly (DenyOptions | undefined)[],
  authority: Authority,
  context: BuildContext,
): readonly Denial[] {
  const seen = new Set<string>();
  return entries.flatMap((entry, index) => {
    if (entry === undefined) return [];
    const here = context.at(index);
    if (seen.has(entry.id)) here.issue(['id'], `"${entry.id}" is the id of an earlier entry`);
    seen.add(entry.id);
    return [buildDenial(entry, authority, here)];
  });
}

function buildDenial(
  { id, match = {}, when, mode = 'enforce' }: DenyOptions,
  authority: Authority,
  context: BuildContext,
): Denial {
  if (when === undefined && Object.keys(match).length === 0) {
    context.issue([], 'would deny every request: give it a match or a when');
  }
  const { consider, pathNames } = buildMatch(match, context.at('match'));
  const facts = buildProhibition(when, { ...authority, pathNames }, context.at('when'));
  return {
    id,
    mode,
    find: (subject) => {
      const considered = consider(subject.request);
      // The parameters are those of its own path, not of the rule's.
      return considered.matches ? facts({ ...subject, parameters: considered.parameters }) : undefined;
    },
  };
}

/** The step of a rule behind the deny rules: the first that holds ends it; those in shadow are written into its detail. */
export function denyFirst(denials: readonly Denial[], authorize: Rule['authorize']): Rule['authorize'] {
  if (denials.length === 0) return authorize;
  return (subject) => {
    let watched: Detail = {};
    for (const { id, mode, find } of denials) {
      const facts = find(subject);
      if (facts === undefined) continue;
      if (mode === 'enforce') return reject('denied_by_rule', { ...watched, deny: id, ...facts });
      watched = { ...watched, [`deny.${id}`]: 'denied', [`deny.${id}.shadow`]: true };
    }
    const verdict = authorize(subject);
    return { ...verdict, detail: { ...watched, ...verdict.detail } };
  };
}
