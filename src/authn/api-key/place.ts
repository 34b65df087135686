import type { NormalRequest } from '../../core/attributes.ts';
import type { BuildContext } from '../../core/build.ts';
import { cookiesOf } from '../../core/cookie.ts';
import type { Challenge, CredentialPlace } from '../../core/credential.ts';
import { isHeaderName, isToken, proxyHeaders } from '../../core/header-name.ts';
import type { Reader } from '../../core/options.ts';
import { queryParameters } from '../../core/query.ts';
import { apiKeyChallenge, bearerChallenge } from '../challenge.ts';
import { readBearer } from '../token/bearer.ts';

/** What stands at the place of a key, before its form is looked at. */
export type PresentedKey =
  | { readonly kind: 'absent' }
  /** More than one value. */
  | { readonly kind: 'ambiguous' }
  /** What is no credential of the place's scheme. */
  | { readonly kind: 'malformed' | 'other_scheme' }
  | { readonly kind: 'key'; readonly key: string };

/** Where a key is looked for. */
export interface KeyPlace {
  readonly place: CredentialPlace;
  readonly challenge: Challenge;
  /** Whether a browser brings the key along by itself, whatever page makes it. */
  readonly ambient: boolean;
  read(request: NormalRequest): PresentedKey;
}

const defaultHeader = 'x-api-key';
const maxNameLength = 64;
// Headers with a meaning of their own, which would be stripped or misread.
const taken: ReadonlySet<string> = new Set([...proxyHeaders, 'authorization', 'proxy-authorization', 'cookie']);
const kinds = ['header', 'bearer', 'query', 'cookie'] as const;

/** Reads the one place that the options name; what is wrong is an issue. */
export function readPlace(reader: Reader, context: BuildContext): KeyPlace {
  const [kind = 'header', ...others] = kinds.filter((name) => reader.has(name));
  for (const other of others) context.issue([other], `stands beside "${kind}": a key has one place`);
  switch (kind) {
    case 'header':
      return inHeader(readName(reader, context, 'header', defaultHeader, isFree).toLowerCase());
    case 'bearer':
      if (reader.raw('bearer') !== true) context.issue(['bearer'], 'must be true');
      return inAuthorization;
    case 'query':
      return inQuery(readName(reader, context, 'query', '', isUnreserved));
    case 'cookie':
      return inCookie(readName(reader, context, 'cookie', '', isCookieName));
    default:
      return kind satisfies never;
  }
}

// Proxies drop or refuse names with an underscore.
const isFree = (name: string): boolean =>
  isHeaderName(name.toLowerCase()) && !name.includes('_') && !taken.has(name.toLowerCase());
// RFC 3986 section 2.3: what never needs an escape.
const isUnreserved = (name: string): boolean => /^[A-Za-z0-9._~-]+$/.test(name);
// A star at the end would stand for all names that begin so.
const isCookieName = (name: string): boolean => isToken(name) && !name.includes('*');

function readName(
  reader: Reader,
  context: BuildContext,
  kind: 'header' | 'query' | 'cookie',
  fallback: string,
  isGood: (name: string) => boolean,
): string {
  const name = reader.text(kind, fallback);
  const asked = reader.raw(kind);
  const wanted = { header: 'a header of its own', query: 'a query parameter', cookie: 'a cookie' } as const;
  if (!isGood(name) || name.length > maxNameLength) {
    // What is no text at all has its issue already.
    if (typeof asked === 'string' && asked !== '') context.issue([kind], `must be the name of ${wanted[kind]}`);
  }
  return name;
}

function oneOf(values: readonly (string | undefined)[]): PresentedKey {
  if (values.length > 1) return { kind: 'ambiguous' };
  const [key] = values;
  if (values.length === 0) return { kind: 'absent' };
  return key === undefined ? { kind: 'malformed' } : { kind: 'key', key };
}

// The proxy joins repeated headers by commas, and no key holds one.
const inHeader = (name: string): KeyPlace => ({
  place: { in: 'header', name },
  challenge: apiKeyChallenge({ in: 'header', name }),
  ambient: false,
  read: ({ headers }) => oneOf((headers.get(name) ?? []).flatMap((value) => value.split(','))),
});

const inAuthorization: KeyPlace = {
  place: { in: 'header', name: 'authorization' },
  challenge: bearerChallenge,
  ambient: false,
  read: ({ headers }) => {
    const presented = readBearer(headers);
    return presented.kind === 'token' ? { kind: 'key', key: presented.token } : presented;
  },
};

const inQuery = (name: string): KeyPlace => ({
  place: { in: 'query', name },
  challenge: apiKeyChallenge({ in: 'query', name }),
  ambient: false,
  read: ({ query }) =>
    oneOf(
      queryParameters(query)
        .filter((parameter) => parameter.name === name)
        .map(({ value }) => value),
    ),
});

const inCookie = (name: string): KeyPlace => ({
  place: { in: 'cookie', name },
  challenge: apiKeyChallenge({ in: 'cookie', name }),
  ambient: true,
  read: ({ headers }) => oneOf(cookiesOf(headers).get(name) ?? []),
});
