import { usualExceptions } from './options.ts';

/** Tells whether a text is meant, by its pointer (RFC 6901) or its name. */
export type Selects = (pointer: string) => boolean;

const unescaped = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');
const stepsOf = (pointer: string): readonly string[] => pointer.split('/').slice(1);

function matches(pattern: readonly string[], steps: readonly string[]): boolean {
  const rest = pattern.at(-1) === '**';
  const fixed = rest ? pattern.slice(0, -1) : pattern;
  if (rest ? steps.length < fixed.length : steps.length !== fixed.length) return false;
  return fixed.every((step, index) => step === '*' || step === steps[index]);
}

/** All texts but those of a member that is excepted, at any depth below it. */
function allBut(exceptions: readonly string[]): Selects {
  const names = new Set(exceptions.map((name) => name.toLowerCase()));
  return (pointer) => !stepsOf(pointer).some((step) => names.has(unescaped(step).toLowerCase()));
}

/** Compiles which texts an entry takes. */
export function compileSelection(fields: 'all' | readonly string[], except?: readonly string[]): Selects {
  if (fields === 'all') return allBut(except ?? usualExceptions);
  const patterns = fields.map(stepsOf);
  const exceptions = except === undefined ? () => true : allBut(except);
  return (pointer) => patterns.some((pattern) => matches(pattern, stepsOf(pointer))) && exceptions(pointer);
}

/** Compiles which names an entry takes. */
export function compileNames(names: 'all' | readonly string[], except?: readonly string[]): (name: string) => boolean {
  const excepted = new Set((except ?? (names === 'all' ? usualExceptions : [])).map((name) => name.toLowerCase()));
  const listed = names === 'all' ? undefined : new Set(names);
  return (name) => (listed === undefined || listed.has(name)) && !excepted.has(name.toLowerCase());
}
