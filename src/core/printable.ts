/** What a path and a host are shown from: a call's story, or what was kept of it. */
interface Asked {
  readonly request: { readonly path: string; readonly host: string } | undefined;
  readonly attributes: { readonly path: string; readonly host: string } | undefined;
}

// Controls, format characters (bidi overrides, zero widths) and line separators: what can forge a line or hide a part of one.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const everyUnsafe = new RegExp(unsafe, 'gu');
const pathMax = 1024;
const hostMax = 255;

const cut = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max)}…` : text);
const escaped = (character: string): string => `\\u{${Number(character.codePointAt(0)).toString(16)}}`;

/** Text that hides nothing and forges no line: what cannot be seen, or breaks a line, is written as an escape. */
export function visible(text: string): string {
  const whole = text.toWellFormed();
  return unsafe.test(whole) ? whole.replace(everyUnsafe, escaped) : whole;
}

/** Text from outside as logs, audit and spans may show it: well-formed, without invisible characters, at most max UTF-16 units and an ellipsis. */
export function printable(text: string, max: number): string {
  const part = cut(text, max);
  const shown = visible(part);
  // Escapes make the text longer, and the second cut may fall into a pair of surrogates as the first one may.
  return shown.length === part.length ? shown : cut(shown, max).toWellFormed();
}

/**
 * The path of a call without its query, fit to be shown; undefined when there is none. A path that the guard refused is
 * cut at everything that a sloppy reader could take for the query's start, and one that is not a path at all is not shown.
 */
export function printablePath(asked: Asked): string | undefined {
  if (asked.request !== undefined) return printable(asked.request.path, pathMax);
  const raw = asked.attributes?.path;
  if (raw === undefined || !raw.startsWith('/')) return undefined;
  const end = raw.search(/[?#]|%(?:25)*(?:3f|23)/i);
  return printable(end === -1 ? raw : raw.slice(0, end), pathMax);
}

/** The host of a call, fit to be shown and without the user information that a refused one may carry; undefined when there is none. */
export function printableHost(asked: Asked): string | undefined {
  const host = asked.request?.host ?? asked.attributes?.host.split('@').at(-1);
  return host === undefined || host === '' ? undefined : printable(host, hostMax);
}
