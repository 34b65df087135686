import { type Transform, transforms } from '../rule.ts';

/** SecLang's name without case and underscores: `urlDecodeUni` is url_decode_uni. */
const known: ReadonlyMap<string, Transform> = new Map([
  ...transforms.map((name) => [name.replaceAll('_', ''), name] as const),
  ['normalisepath', 'normalize_path'],
  ['normalisepathwin', 'normalize_path_win'],
]);

/** The transformations of a rule's `t:` actions, in their order, after the default ones; `none` forgets all before it. problem: a name that is not known. */
export function readTransforms(
  names: readonly string[],
  defaults: readonly Transform[],
): { readonly transforms: readonly Transform[]; readonly problem?: string } {
  let list = defaults;
  for (const name of names) {
    const lower = name.toLowerCase();
    const transform = known.get(lower);
    if (lower === 'none') list = [];
    else if (transform === undefined) return { transforms: list, problem: `the transformation t:${name}` };
    else list = [...list, transform];
  }
  return { transforms: list };
}
