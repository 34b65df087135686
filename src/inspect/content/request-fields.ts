import type { HeaderMap, NormalRequest } from '../../core/attributes.ts';
import { queryParameters } from '../../core/query.ts';
import type { Field } from './content.ts';
import { decodeUtf8 } from './decode.ts';

/** A query parameter's texts: what cannot be decoded is looked at as it was sent. */
function queryFields(query: string): readonly Field[] {
  return queryParameters(query).flatMap(({ raw, rawValue, name = raw, value = rawValue }) => [
    { in: 'query', role: 'name', name, text: name } as const,
    { in: 'query', role: 'value', name, text: value } as const,
  ]);
}

// Semicolons within quotes belong to the value for those who still read cookies by RFC 2109.
const quotedPair = /(?:[^;"]|"(?:[^"\\]|\\.)*"?)+/g;

/** The pairs of a header in both readings that servers make of it: quotes mean nothing (RFC 6265), or hold a value together. */
const cookiePairs = (header: string): readonly string[] =>
  header.includes('"') ? [...new Set([...header.split(';'), ...(header.match(quotedPair) ?? [])])] : header.split(';');

/** Every cookie pair; one without an equals sign has no name, and a value all the same. Quotes around a value are kept. */
function cookieFields(headers: HeaderMap): readonly Field[] {
  const pairs = (headers.get('cookie') ?? []).flatMap(cookiePairs).map((pair) => pair.trim());
  return pairs.flatMap((pair): readonly Field[] => {
    if (pair === '') return [];
    const equals = pair.indexOf('=');
    if (equals < 0) return [{ in: 'cookie', role: 'value', name: '', text: pair }];
    const name = pair.slice(0, equals).trim();
    return [
      { in: 'cookie', role: 'name', name, text: name },
      { in: 'cookie', role: 'value', name, text: pair.slice(equals + 1).trim() },
    ];
  });
}

const basic = /^basic +([A-Za-z0-9+/_-]{1,8192}={0,2})$/i;

/** The user and the password of Basic credentials (RFC 7617): callers write them as they write any parameter. */
function credentialFields(headers: HeaderMap): readonly Field[] {
  return ['authorization', 'proxy-authorization'].flatMap((header) =>
    (headers.get(header) ?? []).flatMap((value): readonly Field[] => {
      const [, encoded] = basic.exec(value) ?? [];
      if (encoded === undefined) return [];
      const bytes = Buffer.from(encoded, 'base64');
      const [user = '', password = ''] = (decodeUtf8(bytes) ?? bytes.toString('latin1')).split(/:(.*)/s);
      return [
        { in: 'header', role: 'value', name: `${header}#user`, text: user },
        { in: 'header', role: 'value', name: `${header}#password`, text: password },
      ];
    }),
  );
}

function headerFields(headers: HeaderMap): readonly Field[] {
  return [...headers].flatMap(([name, values]) =>
    name === 'cookie' ? [] : values.map((text) => ({ in: 'header', role: 'value', name, text }) as const),
  );
}

/**
 * Every text of a request besides its body, decoded once: the segments of the path, named by their index, the query's names
 * and values, header values with the parts of Basic credentials, and the names and values of cookies.
 */
export const requestFields = (request: NormalRequest): readonly Field[] => [
  ...request.segments.map((text, index) => ({ in: 'path', role: 'value', name: String(index), text }) as const),
  ...queryFields(request.query),
  ...headerFields(request.headers),
  ...credentialFields(request.headers),
  ...cookieFields(request.headers),
];
