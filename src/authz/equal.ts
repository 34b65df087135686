import { parseReference, type Reference } from '../core/reference.ts';
import { reject } from '../core/verdict.ts';
import { absent, type ConditionKind, fails, holds, never, nobody } from './condition.ts';

/** A reference, or a text that stands for itself. */
type Side = string | { readonly value: string };

type Reader = Pick<Reference, 'text' | 'read'>;

const needsPrincipal = (side: unknown): boolean =>
  typeof side === 'string' && parseReference(side)?.needsPrincipal === true;

/** Two or more values are the same text, where a claim's number or boolean is the text of its JSON: no case is folded, no blank is cut, and what is absent or empty equals nothing. */
export const equal: ConditionKind<readonly Side[]> = {
  schema: {
    type: 'array',
    minItems: 2,
    maxItems: 16,
    items: {
      type: ['string', 'object'],
      minLength: 1,
      additionalProperties: false,
      required: ['value'],
      properties: {
        value: { type: 'string', minLength: 1, description: 'A text that stands for itself. Required.' },
      },
    },
    description:
      'References whose values must all be the same text, like `principal.id` and `path.user`; `{ value: … }` stands for itself. A claim that is a number or a boolean is compared as the text that JSON writes for it (`claim` is the condition that tells types apart). A value that is absent or empty equals nothing, and differs from nothing. Default: none.',
    examples: [
      ['principal.id', 'path.user'],
      ['claims.tenant', { value: 'acme' }],
    ],
  },
  asksForPrincipal: (sides) => Array.isArray(sides) && sides.some(needsPrincipal),
  build: (sides, { reference, context }) => {
    const readers = sides.flatMap((side, index): readonly Reader[] => {
      if (typeof side !== 'string') return [{ text: JSON.stringify(side.value), read: () => side.value }];
      return [reference(side, index)].filter((one) => one !== undefined);
    });
    if (readers.length < sides.length) return never;
    if (sides.length < 2 || sides.every((side) => typeof side !== 'string')) {
      context.issue([], 'compares at least two values, of which one is a reference');
      return never;
    }
    const detail = { equal: readers.map(({ text }) => text) };
    const [held, different] = [holds(detail), fails(reject('values_differ', detail))];
    const missing = readers.map(({ text }) => absent(reject('values_differ', { ...detail, absent: text })));
    const nobodyThere = sides.some(needsPrincipal) ? nobody('values_differ', detail) : undefined;
    return (subject) => {
      if (subject.principal === undefined && nobodyThere !== undefined) return nobodyThere;
      const values = readers.map(({ read }) => read(subject));
      const gap = missing[values.findIndex((value) => value === undefined || value === '')];
      if (gap !== undefined) return gap;
      return values.every((value) => value === values[0]) ? held : different;
    };
  },
};
