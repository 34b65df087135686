import type { HeaderMap } from '../core/attributes.ts';
import type { HeaderValue } from './gen/envoy/config/core/v3/base.ts';

/** Headers as they stood on the wire, and the pseudo headers that stood among them. */
export interface ListedHeaders {
  readonly headers: HeaderMap;
  readonly pseudo: readonly (readonly [name: string, value: string])[];
}

/** Sorts headers by name, in lower case and in the order of arrival, and puts pseudo headers apart. */
export function sortHeaders(listed: Iterable<readonly [name: string, value: string]>): ListedHeaders {
  const headers = new Map<string, string[]>();
  const pseudo: [string, string][] = [];
  for (const [key, value] of listed) {
    const name = asciiLowerCase(key);
    const values = headers.get(name);
    if (name.startsWith(':')) pseudo.push([name, value]);
    else if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  return { headers, pseudo };
}

/** The name and value of a header; bytes that are not UTF-8 become U+FFFD. */
export const headerEntry = ({ key, value, rawValue }: HeaderValue): readonly [name: string, value: string] => [
  key,
  rawValue.length > 0 ? rawValue.toString('utf8') : value,
];

// toLowerCase would also fold letters beyond ASCII: the Kelvin sign to a k.
const asciiLowerCase = (text: string): string =>
  /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
