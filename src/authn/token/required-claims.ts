import type { BuildContext, JsonSchema } from '../../core/build.ts';
import { claimReader } from '../../core/claim.ts';
import { isObject, type Json } from '../../core/json.ts';
import type { Reader } from '../../core/options.ts';
import type { Claims } from '../../core/principal.ts';

/** A claim that must be there, and what it must be. */
export interface RequiredClaim {
  readonly name: string;
  readonly holds: (claims: Claims) => boolean;
}

type Test = (value: Json) => boolean;

const types = Object.freeze({
  any: () => true,
  string: (value) => typeof value === 'string' && value !== '',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isSafeInteger(value),
  boolean: (value) => typeof value === 'boolean',
  array: (value) => Array.isArray(value),
  object: isObject,
} as const satisfies Record<string, Test>);

type TypeName = keyof typeof types;

const typeNames = Object.keys(types) as TypeName[]; // keys of a frozen literal
const isTypeName = (name: unknown): name is TypeName => typeof name === 'string' && Object.hasOwn(types, name);

const scalar: JsonSchema = { type: ['string', 'number', 'boolean'] };
const typeSchema: JsonSchema = { enum: typeNames };

/** The option that readRequiredClaims reads. */
export const requiredClaimsSchema: JsonSchema = Object.freeze({
  description:
    'Claims that must be there besides iss, sub, aud and exp: a list of names, or an object that says of each what it ' +
    `must be: a type (${typeNames.join(', ')}), or any of type, equals, one_of and contains. ` +
    'A dotted path reaches into objects. Default none.',
  oneOf: [
    { type: 'array', items: { type: 'string', minLength: 1 }, uniqueItems: true },
    {
      type: 'object',
      additionalProperties: {
        oneOf: [
          typeSchema,
          {
            type: 'object',
            additionalProperties: false,
            minProperties: 1,
            properties: {
              type: { ...typeSchema, description: 'The type of its value.' },
              equals: { ...scalar, description: 'The value that it must have, of that very type.' },
              one_of: { type: 'array', minItems: 1, items: scalar, description: 'The values that it may have.' },
              contains: { ...scalar, description: 'What the list that it is must hold.' },
            },
          },
        ],
      },
    },
  ],
});

/** A claim that must be there and be of a type. */
export function requiredClaim(name: string, type: TypeName = 'any'): RequiredClaim {
  return demand(name, [types[type]]);
}

function demand(name: string, tests: readonly Test[]): RequiredClaim {
  const read = claimReader(name);
  return {
    name,
    holds: (claims) => {
      const value = read(claims) ?? null;
      return value !== null && tests.every((test) => test(value));
    },
  };
}

/** Reads `required_claims`, a list or an object; what is wrong is an issue at its place. */
export function readRequiredClaims(reader: Reader, context: BuildContext): readonly RequiredClaim[] {
  const raw = reader.raw('required_claims');
  if (!isObject(raw)) return reader.texts('required_claims', []).map((name) => requiredClaim(name));
  return Object.entries(raw).map(([name, wanted]) =>
    demand(name, readTests(wanted, context.at('required_claims', name))),
  );
}

function readTests(wanted: unknown, context: BuildContext): readonly Test[] {
  const { type, equals, one_of: oneOf, contains, ...rest } = isObject(wanted) ? wanted : { type: wanted };
  const known = type === undefined || isTypeName(type);
  const empty = [type, equals, oneOf, contains].every((one) => one === undefined);
  if (!known || empty || Object.keys(rest).length > 0 || !(oneOf === undefined || Array.isArray(oneOf))) {
    context.issue([], `must be one of ${typeNames.join(', ')}, or an object of type, equals, one_of or contains`);
  }
  return [
    ...(isTypeName(type) ? [types[type]] : []),
    ...(equals === undefined ? [] : [(value: Json) => value === equals]),
    ...(Array.isArray(oneOf) ? [(value: Json) => oneOf.includes(value)] : []),
    ...(contains === undefined ? [] : [(value: Json) => Array.isArray(value) && value.includes(contains)]),
  ];
}
