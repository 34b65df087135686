/** Where a credential is presented: what is looked at, and what is removed before the upstream. */
export interface CredentialPlace {
  /** connection: the client certificate of the connection, which is no part of the request. */
  readonly in: 'header' | 'query' | 'cookie' | 'connection';
  /** A header's name is in lower case; a cookie's name that ends with a star stands for all that begin so. */
  readonly name: string;
}

/** The name of a place: two places are one if their names are equal. */
export const placeName = (place: CredentialPlace): string => `${place.in} ${place.name}`;

/** A WWW-Authenticate challenge (RFC 9110 section 11.6.1). */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The challenge as a header value; parameter values become quoted strings. */
export function formatChallenge(challenge: Challenge): string {
  const parameters = Object.entries(challenge.parameters)
    .map(([name, value]) => `${name}="${value.replace(/[^\x20-\x7e]/g, '').replace(/["\\]/g, '\\$&')}"`)
    .join(', ');
  return parameters === '' ? challenge.scheme : `${challenge.scheme} ${parameters}`;
}
