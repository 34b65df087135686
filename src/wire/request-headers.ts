import type { AttributeContext_HttpRequest } from './gen/envoy/service/auth/v3/attribute_context.ts';
import { headerEntry, type ListedHeaders, sortHeaders } from './header-map.ts';

/**
 * Reads the headers of an HttpRequest: from header_map, where duplicates stand apart, else from headers, where Envoy has
 * joined them by a comma. Bytes that are not UTF-8 become U+FFFD.
 */
export function readHeaders(http: AttributeContext_HttpRequest): ListedHeaders {
  const listed = http.headerMap?.headers ?? [];
  return sortHeaders(listed.length > 0 ? listed.map(headerEntry) : http.headers);
}
