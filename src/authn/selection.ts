import type { BuildContext, JsonSchema, Path } from '../core/build.ts';
import { isObject } from '../core/json.ts';
import { listOfTexts } from '../core/options.ts';

/** Which identities a rule accepts, and how many of them at once. */
interface Selection {
  readonly mode: 'exactly_one' | 'first_of' | 'all_of';
  readonly ids: readonly string[];
}

const list = (description: string): JsonSchema => ({
  type: 'array',
  items: { type: 'string' },
  minItems: 1,
  uniqueItems: true,
  description,
});

/** The `identity:` of a rule: a list, or an object with first_of or all_of. */
export const identitySelectionSchema: JsonSchema = Object.freeze({
  ...list('The accepted identities; exactly one of their credentials must be present, more than one is 400.'),
  type: ['array', 'object'],
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: {
    first_of: list('In this order: the first credential that is present decides, later ones are not looked at.'),
    all_of: list('A good credential of each is demanded; the first one is the principal.'),
  },
});

/** Reads a selection; what is wrong is an issue, and the ids are then the ones that are known. */
export function readSelection(value: unknown, known: ReadonlySet<string>, context: BuildContext): Selection {
  const { mode, ids, path } = shapeOf(value);
  if (ids === undefined)
    context.issue(path, 'must be a list of identities, or an object with either first_of or all_of');
  else if (ids.length === 0) context.issue(path, 'must name at least one identity');
  for (const [index, id] of (ids ?? []).entries()) {
    if (!known.has(id))
      context.issue([...path, index], `unknown identity "${id}"; known are ${[...known].join(', ') || 'none'}`);
    if (ids?.indexOf(id) !== index) context.issue([...path, index], `"${id}" stands twice`);
  }
  return { mode, ids: [...new Set(ids)].filter((id) => known.has(id)) };
}

function shapeOf(value: unknown): { mode: Selection['mode']; ids: readonly string[] | undefined; path: Path } {
  if (!isObject(value)) return { mode: 'exactly_one', ids: listOfTexts(value), path: [] };
  const [mode, ...others] = Object.keys(value);
  if (others.length > 0 || (mode !== 'first_of' && mode !== 'all_of'))
    return { mode: 'exactly_one', ids: undefined, path: [] };
  return { mode, ids: listOfTexts(value[mode]), path: [mode] };
}
