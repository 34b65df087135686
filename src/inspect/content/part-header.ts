import { isToken } from '../../core/header-name.ts';
import { decodeUtf8 } from './decode.ts';
import { parseMediaType } from './media-type.ts';

/** What the head of a part says. */
export interface PartHead {
  readonly name: string;
  readonly fileName: string | undefined;
  readonly mediaType: string | undefined;
  /** Its lines as they were sent. */
  readonly lines: readonly string[];
}

const maxLines = 16;
// What no two readers take alike: controls, and the backslash, by which some escape and others write Windows paths.
const unsafe = /[\p{Cc}\\"]/u;
const parameterToken = /[ \t]*;[ \t]*([!#$%&'*+.^_`|~0-9a-z-]+)=(?:"([^"]*)"|([!#$%&'*+.^_`|~0-9a-z-]+))/iy;

/** The parameters of `form-data` (RFC 7578 section 4.2): name, once, and filename, at most once; or a stable word for what is wrong. */
function parseDisposition(value: string): { readonly name: string; readonly fileName: string | undefined } | string {
  const kind = /^[ \t]*form-data(?=[ \t;]|$)/i.exec(value)?.[0];
  if (kind === undefined) return 'disposition';
  const found = new Map<string, string>();
  let at = kind.length;
  for (;;) {
    parameterToken.lastIndex = at;
    const match = parameterToken.exec(value);
    if (match === null) break;
    at = parameterToken.lastIndex;
    const key = (match[1] ?? '').toLowerCase();
    const text = match[2] ?? match[3] ?? '';
    // filename* is not for forms (RFC 7578 section 4.2): one reader would take it and the next would not.
    if ((key !== 'name' && key !== 'filename') || found.has(key) || unsafe.test(text)) return 'disposition';
    found.set(key, text);
  }
  if (/[^ \t]/.test(value.slice(at))) return 'disposition';
  const name = found.get('name');
  return name === undefined || name === '' ? 'part_name' : { name, fileName: found.get('filename') };
}

/** The headers of a part by their names in lower case, or a stable word for what is wrong. */
function parseLines(lines: readonly string[]): ReadonlyMap<string, string> | string {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    if (!isToken(name) || /[^\P{Cc}\t]/u.test(line)) return 'part_header';
    if (headers.has(name)) return 'part_header';
    headers.set(name, line.slice(colon + 1));
  }
  return headers;
}

/**
 * Reads the head of one part, strictly, or gives a stable word for what is wrong: lines end in CRLF and are not folded, no
 * header stands twice, the content has no transfer encoding, no charset but UTF-8, and is no multipart itself.
 */
export function parsePartHead(bytes: Uint8Array): PartHead | string {
  const text = decodeUtf8(bytes);
  if (text === undefined) return 'utf8';
  const lines = text.split('\r\n');
  if (lines.length > maxLines) return 'part_header';
  const headers = parseLines(lines);
  if (typeof headers === 'string') return headers;
  if (headers.has('content-transfer-encoding')) return 'transfer_encoding';
  const disposition = parseDisposition(headers.get('content-disposition') ?? '');
  if (typeof disposition === 'string') return disposition;
  // RFC 7578 section 4.6: it would change the charset of every part.
  if (disposition.name === '_charset_') return 'charset';
  const declared = headers.get('content-type')?.trim();
  const type = declared === undefined ? undefined : parseMediaType(declared)?.type;
  if (declared !== undefined && type === undefined) return 'part_type';
  if (type?.startsWith('multipart/') || type?.startsWith('message/')) return 'part_type';
  return { ...disposition, mediaType: type, lines };
}
