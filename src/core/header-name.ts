const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const upperCase = /[A-Z]/;

/** Whether a text is a token (RFC 9110 section 5.6.2): what methods and the names of headers are made of. */
export const isToken = (text: string): boolean => token.test(text);

/** Whether a text is the name of a header in lower case, as HTTP/2 and all of the house have it. */
export const isHeaderName = (text: string): boolean => token.test(text) && !upperCase.test(text);

/**
 * What a name is compared by where another reading of it would do harm: servers behind us may take "X_User" for "x-user"
 * (CGI and its heirs do, and some fold every sign that is no letter), so every spelling of a name counts as the name.
 */
export const foldedName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9-]/g, '-');

/** Headers that are the proxy's own affair, the target of a message and how it is framed: nobody else may set them. */
export const proxyHeaders: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
