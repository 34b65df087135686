import { queryParameters } from '../core/query.ts';

/** One parameter of a query, decoded. */
interface DecodedParameter {
  readonly name: string;
  readonly value: string;
}

/** The parameters of a raw query as core/query.ts decodes them; undefined when one of them cannot be decoded. */
export function parseQuery(query: string): readonly DecodedParameter[] | undefined {
  const parameters: DecodedParameter[] = [];
  for (const { name, value } of queryParameters(query)) {
    if (name === undefined || value === undefined) return undefined;
    parameters.push({ name, value });
  }
  return parameters;
}

/**
 * What careless readers take a name for: they fold case, trim, cut at a bracket or NUL (from[], from[0]), turn dots and
 * spaces into underscores. Two names with the same common form can end up in one variable upstream.
 */
export const commonForm = (name: string): string => fold(name.trim().replace(/[[\0].*$/s, ''));

/** All that a name can be taken for: its common form, and, for readers that keep an opened bracket as an underscore, that one. */
export function commonForms(name: string): readonly string[] {
  const common = commonForm(name);
  return name.includes('[') ? [common, fold(name.trim().replace(/\0.*$/s, ''))] : [common];
}

const fold = (name: string): string => name.replace(/[. []/g, '_').toLowerCase();
