/** A query parameter as it was sent, and percent-decoded. */
interface QueryName {
  /** The name as it was sent. */
  readonly raw: string;
  readonly name: string;
  /** Percent-decoded; undefined when it cannot be decoded. */
  readonly value: string | undefined;
}

/** The parameters of a raw query in their order; one that is sent twice stands twice. A name that cannot be decoded is left out. */
export function queryNames(query: string): readonly QueryName[] {
  if (query === '') return [];
  return query.split('&').flatMap((part) => {
    const equals = part.indexOf('=');
    const raw = equals < 0 ? part : part.slice(0, equals);
    const name = decode(raw);
    return name === undefined ? [] : [{ raw, name, value: equals < 0 ? '' : decode(part.slice(equals + 1)) }];
  });
}

// A plus is a blank in forms (application/x-www-form-urlencoded), which is how every server reads a query.
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
