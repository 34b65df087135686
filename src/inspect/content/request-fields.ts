import type { HeaderMap, NormalRequest } from '../../core/attributes.ts';
import { queryParameters } from '../../core/query.ts';
import type { Field } from './content.ts';

/** A query parameter's texts: what cannot be decoded is looked at as it was sent. */
function queryFields(query: string): readonly Field[] {
  return queryParameters(query).flatMap(({ raw, rawValue, name = raw, value = rawValue }) => [
    { in: 'query', role: 'name', name, text: name } as const,
    { in: 'query', role: 'value', name, text: value } as const,
  ]);
}

/** Every cookie pair; one without an equals sign has no name, and a value all the same. Quotes around a value are kept. */
function cookieFields(headers: HeaderMap): readonly Field[] {
  const pairs = (headers.get('cookie') ?? []).flatMap((header) => header.split(';')).map((pair) => pair.trim());
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

function headerFields(headers: HeaderMap): readonly Field[] {
  return [...headers].flatMap(([name, values]) =>
    name === 'cookie' ? [] : values.map((text) => ({ in: 'header', role: 'value', name, text }) as const),
  );
}

/**
 * Every text of a request besides its body, decoded once: the segments of the path, named by their index, the query's names
 * and values, header values, and the names and values of cookies.
 */
export const requestFields = (request: NormalRequest): readonly Field[] => [
  ...request.segments.map((text, index) => ({ in: 'path', role: 'value', name: String(index), text }) as const),
  ...queryFields(request.query),
  ...headerFields(request.headers),
  ...cookieFields(request.headers),
];
