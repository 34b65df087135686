import type { BuildContext } from '../core/build.ts';
import { parseReference, type Reference, referenceForms } from '../core/reference.ts';

/**
 * Parses the reference of a condition; what is none is an issue, and so is a segment that the path does not have, for the
 * condition could never hold. pathNames: undefined when the path cannot be read.
 */
export function readReference(
  text: unknown,
  pathNames: readonly string[] | undefined,
  context: BuildContext,
): Reference | undefined {
  const reference = typeof text === 'string' ? parseReference(text) : undefined;
  if (reference === undefined) {
    context.issue([], `${JSON.stringify(text)} is no reference; write one of ${referenceForms.join(', ')}`);
    return undefined;
  }
  const name = /^path\.(.*)$/s.exec(reference.text)?.[1];
  if (name !== undefined && pathNames?.includes(name) === false) {
    const has = pathNames.length === 0 ? 'it has none' : `it has ${pathNames.map((one) => `{${one}}`).join(', ')}`;
    context.issue([], `the path has no segment {${name}}; ${has}`);
  }
  return reference;
}
