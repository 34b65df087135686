import type { BuildContext } from '../core/build.ts';
import { isHeaderValue } from '../core/header-value.ts';
import type { Subject } from '../core/plan.ts';
import { parseReference, type Reference, referenceForms } from '../core/reference.ts';

/** A compiled text with `{reference}` parts. */
interface Template {
  /** Whether it can only be filled once the principal is known. */
  readonly needsPrincipal: boolean;
  /** The filled text; undefined when a reference has no value, or one that no header may carry. */
  readonly fill: (subject: Subject) => string | undefined;
}

/** Compiles a text such as "{claims.tenant}" or "tenant-{path.id}"; issues are reported at the context, without repeating a hidden text. */
export function compileTemplate(text: string, context: BuildContext, hidden = false): Template {
  if (!isHeaderValue(text)) context.issue([], 'has a control character or a blank at an end: no header can carry it');
  const parts = text.split(/(\{[^{}]*\})/).filter((part) => part !== '');
  const compiled = parts.map((part): string | Reference => {
    if (!/[{}]/.test(part)) return part;
    const reference = part.startsWith('{') ? parseReference(part.slice(1, -1)) : undefined;
    if (reference === undefined) {
      const what = hidden ? 'what stands at a brace' : `"${part}"`;
      context.issue([], `${what} is no reference: write {NAME} with one of ${referenceForms.join(', ')}`);
    }
    return reference ?? '';
  });
  return {
    needsPrincipal: compiled.some((part) => typeof part !== 'string' && part.needsPrincipal),
    fill: (subject) => {
      let filled = '';
      for (const part of compiled) {
        const value = typeof part === 'string' ? part : part.read(subject);
        if (value === undefined) return undefined;
        filled += value;
      }
      // What a claim says must never begin a header of its own, or become another value on its way.
      return isHeaderValue(filled) ? filled : undefined;
    },
  };
}
