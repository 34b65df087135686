import type { HeaderMap } from '../core/attributes.ts';
import type { HeaderValue } from './gen/envoy/config/core/v3/base.ts';
import type { AttributeContext_HttpRequest } from './gen/envoy/service/auth/v3/attribute_context.ts';

/** The headers of a request, and the pseudo headers that stood among them. */
interface RequestHeaders {
  readonly headers: HeaderMap;
  readonly pseudo: readonly (readonly [name: string, value: string])[];
}

/**
 * Reads the headers of an HttpRequest: from header_map, where duplicates stand apart, else from headers, where Envoy has
 * joined them by a comma. Bytes that are not UTF-8 become U+FFFD.
 */
export function readHeaders(http: AttributeContext_HttpRequest): RequestHeaders {
  const headers = new Map<string, string[]>();
  const pseudo: [string, string][] = [];
  const add = (key: string, value: string): void => {
    const name = asciiLowerCase(key);
    const values = headers.get(name);
    if (name.startsWith(':')) pseudo.push([name, value]);
    else if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  };
  const listed = http.headerMap?.headers ?? [];
  if (listed.length > 0) for (const header of listed) add(header.key, textOf(header));
  else for (const [key, value] of http.headers) add(key, value);
  return { headers, pseudo };
}

// toLowerCase would also fold letters beyond ASCII: the Kelvin sign to a k.
const asciiLowerCase = (text: string): string =>
  /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;

const textOf = ({ value, rawValue }: HeaderValue): string => (rawValue.length > 0 ? rawValue.toString('utf8') : value);
