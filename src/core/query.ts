/** A query parameter: its name as it was sent, and both halves decoded. */
interface QueryParameter {
  /** The name as it was sent. */
  readonly raw: string;
  /** The value as it was sent. */
  readonly rawValue: string;
  /** Undefined when it cannot be decoded: an escape is broken or is not UTF-8. */
  readonly name: string | undefined;
  readonly value: string | undefined;
}

/**
 * The parameters of a raw query in their order, each percent-decoded once with + as a space (WHATWG URL,
 * application/x-www-form-urlencoded); one that is sent twice stands twice. A piece without "=" has an empty value, an
 * empty piece is no parameter.
 */
export function queryParameters(query: string): readonly QueryParameter[] {
  return query.split('&').flatMap((piece) => {
    if (piece === '') return [];
    const equals = piece.indexOf('=');
    const raw = equals < 0 ? piece : piece.slice(0, equals);
    const rawValue = equals < 0 ? '' : piece.slice(equals + 1);
    return [{ raw, rawValue, name: decode(raw), value: decode(rawValue) }];
  });
}

const encoded = /[%+]/;

function decode(text: string): string | undefined {
  if (!encoded.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
