/** How a credential can be presented: what is looked at, and what is removed before the upstream. */
export interface CredentialPlace {
  /** The header's name in lower case. */
  readonly header: string;
}

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
