import { claimReader } from '../core/claim.ts';
import type { Json } from '../core/json.ts';
import { reject } from '../core/verdict.ts';
import { type ConditionKind, fails, holds, never, nobody } from './condition.ts';

type Scalar = string | number | boolean;

/** A condition on one claim: exactly one of the four tests. */
interface ClaimOptions {
  readonly name: string;
  readonly equals?: Scalar;
  readonly one_of?: readonly Scalar[];
  readonly contains?: Scalar;
  readonly exists?: true;
}

type Test = (value: Json) => boolean;

const tests = {
  equals: ({ equals }) => (equals === undefined ? undefined : (value) => value === equals),
  one_of: ({ one_of: options }) =>
    options === undefined ? undefined : (value) => options.some((one) => one === value),
  contains: ({ contains }) =>
    contains === undefined ? undefined : (value) => Array.isArray(value) && value.some((item) => item === contains),
  exists: ({ exists }) => (exists === undefined ? undefined : (value) => value !== null),
} as const satisfies Record<string, (options: ClaimOptions) => Test | undefined>;

const scalar = { type: ['string', 'number', 'boolean'] } as const;

/** A verified claim has a value. Types count: the text "1" is not the number 1, and a list is not its only item. */
export const claim: ConditionKind<ClaimOptions> = {
  schema: {
    type: 'object',
    description:
      'A verified claim and exactly one test of its value: equals, one_of, contains or exists; types count. Default: none.',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        minLength: 1,
        maxLength: 256,
        description: 'The claim of that very name, else the member at that path: `tenant`, `realm_access.group`.',
      },
      equals: { ...scalar, description: 'The claim is this value. Default: not tested.' },
      one_of: {
        type: 'array',
        minItems: 1,
        items: scalar,
        description: 'The claim is one of these values. Default: not tested.',
      },
      contains: { ...scalar, description: 'The claim is a list that holds this value. Default: not tested.' },
      exists: { const: true, description: 'The claim is there and is not null. Default: not tested.' },
    },
    examples: [
      { name: 'tenant', equals: 'acme' },
      { name: 'level', one_of: [1, 2] },
      { name: 'realm_access.groups', contains: 'staff' },
      { name: 'email_verified', exists: true },
    ],
  },
  asksForPrincipal: true,
  build: (options, { context }) => {
    const chosen = Object.entries(tests).flatMap(([name, make]) => {
      const test = make(options);
      return test === undefined ? [] : [{ name, test }];
    });
    const [first, second] = chosen;
    if (first === undefined || second !== undefined) {
      context.issue([], `takes exactly one of ${Object.keys(tests).join(', ')}`);
      return never;
    }
    const read = claimReader(options.name);
    const detail = { claim: options.name, test: first.name };
    const held = holds(detail);
    const different = fails(reject('claim_mismatch', { ...detail, present: true }));
    const absent = fails(reject('claim_mismatch', { ...detail, present: false }));
    const nobodyThere = nobody('claim_mismatch', detail);
    return ({ principal }) => {
      if (principal === undefined) return nobodyThere;
      const value = read(principal.claims);
      if (value === undefined) return absent;
      return first.test(value) ? held : different;
    };
  },
};
