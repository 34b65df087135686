import type { Path, Report } from '../../../core/build.ts';
import { isObject } from '../../../core/json.ts';

interface Choice {
  readonly branch: unknown;
  readonly path: Path;
}

interface Surroundings {
  /** What takes the place of a reference in the document. */
  readonly refer: (reference: string, place: Path) => string;
  readonly place: Path;
  readonly report: Report;
}

/** The schemas by the value that chooses them: those that a mapping names, and the others by their own names. */
function optionsOf(
  mapping: unknown,
  choices: readonly Choice[],
  { refer, place, report }: Surroundings,
): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  const mapped = new Set<string>();
  for (const [value, name] of Object.entries(isObject(mapping) ? mapping : {})) {
    // A mapping may name a schema of the components without the way to it.
    const reference = /^[A-Za-z0-9._-]+$/.test(String(name)) ? `#/components/schemas/${name}` : String(name);
    mapped.add(reference);
    options.set(value, refer(reference, [...place, 'mapping', value]));
  }
  for (const { branch, path } of choices) {
    const reference = isObject(branch) ? branch['$ref'] : undefined;
    if (typeof reference !== 'string') {
      report(path, 'must be a $ref, for a discriminator chooses by the name of a schema');
    } else if (!mapped.has(reference)) {
      options.set(reference.slice(reference.lastIndexOf('/') + 1), refer(reference, [...path, '$ref']));
    }
  }
  return options;
}

/**
 * A schema with a discriminator (OpenAPI 3.0 and 3.1, section 4.8.25): its property is demanded, and where it stands beside
 * a choice, the property's value chooses the one schema that counts, in place of all of them being tried.
 */
export function selected(
  schema: Record<string, unknown>,
  { propertyName, mapping }: Readonly<Record<string, unknown>>,
  choices: readonly Choice[],
  around: Surroundings,
): Record<string, unknown> {
  const property = String(propertyName);
  const demanded = { type: 'object', required: [property] };
  if (choices.length === 0) return { allOf: [schema, demanded] };
  const { oneOf: _one, anyOf: _any, ...rest } = schema;
  const options = optionsOf(mapping, choices, around);
  const named = { ...demanded, properties: { [property]: { enum: [...options.keys()] } } };
  const chosen = [...options].map(([value, $ref]) => {
    const isChosen = { type: 'object', required: [property], properties: { [property]: { const: value } } };
    // "then" would make a promise of an object literal, to those who look at it so.
    return Object.fromEntries([
      ['if', isChosen],
      ['then', { $ref }],
    ]);
  });
  return { allOf: [rest, named, ...chosen] };
}
