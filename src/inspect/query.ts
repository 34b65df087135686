/** One parameter of a query, decoded. */
interface QueryParameter {
  readonly name: string;
  readonly value: string;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/**
 * The parameters of a raw query in their order, each percent-decoded once with + as a space (WHATWG URL,
 * application/x-www-form-urlencoded); undefined when an escape is broken or is not UTF-8. A piece without "=" has an
 * empty value, an empty piece is no parameter.
 */
export function parseQuery(query: string): readonly QueryParameter[] | undefined {
  const parameters: QueryParameter[] = [];
  for (const piece of query.split('&')) {
    if (piece === '') continue;
    const equals = piece.indexOf('=');
    const name = decode(equals < 0 ? piece : piece.slice(0, equals));
    const value = equals < 0 ? '' : decode(piece.slice(equals + 1));
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
