import { isIP } from 'node:net';
import { parsePrefix } from '../core/address.ts';
import { isToken } from '../core/header-name.ts';
import { own } from '../core/json.ts';
import { parseBytes, parseDurationMs, parseRate } from '../core/units.ts';

/** A string format of config schemas. */
export interface Format {
  readonly test: (text: string) => boolean;
  /** What a value must be, with an example. */
  readonly says: string;
}

function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^\s]+$/i.test(text) && URL.canParse(text);
}

function isHttpUrl(text: string): boolean {
  return /^https?:/i.test(text) && isUrl(text);
}

/** A date of RFC 3339, alone or with a time and its offset, that exists. */
function isDateTime(text: string): boolean {
  const match = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2}))?$/.exec(text);
  if (match === null || Number.isNaN(Date.parse(text))) return false;
  const day = Date.parse(`${match[1]}T00:00:00Z`);
  return !Number.isNaN(day) && new Date(day).toISOString().startsWith(match[1] ?? '');
}

function isListenAddress(text: string): boolean {
  if (/^unix:.+/.test(text)) return true;
  const match = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(text);
  if (match === null || Number(match[2]) > 65_535) return false;
  const host = match[1] ?? '';
  return !host.startsWith('[') || isIP(host.slice(1, -1)) === 6;
}

/** The formats that schemas of the config may use. */
export const formats = Object.freeze({
  duration: { test: (text) => parseDurationMs(text) !== undefined, says: 'a duration like 20ms, 30s, 5m, 24h or 7d' },
  rate: { test: (text) => parseRate(text) !== undefined, says: 'a rate like 10/s, 100/m, 1000/h or 5000/d' },
  bytes: { test: (text) => parseBytes(text) !== undefined, says: 'a size like 512B, 64KiB or 1MiB' },
  prefix: {
    test: (text) => parsePrefix(text) !== undefined,
    says: 'an IP address or prefix like 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32, without bits beyond its length',
  },
  identifier: {
    test: (text) => /^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(text),
    says: 'a name of letters, digits, _ and -, beginning with a letter, of at most 63 characters',
  },
  header: {
    test: isToken,
    says: 'the name of a header, like x-api-key',
  },
  url: { test: isUrl, says: 'a URL like https://idp.example/jwks' },
  'http-url': { test: isHttpUrl, says: 'a URL that begins with http:// or https://' },
  'date-time': { test: isDateTime, says: 'a date like 2027-01-31 or a time like 2027-01-31T12:00:00Z' },
  listen: { test: isListenAddress, says: 'an address like 127.0.0.1:9191, [::1]:9191 or unix:/run/portcullis.sock' },
} as const satisfies Record<string, Format>);

/** A format by its name; undefined when there is none. */
export const formatOf = (name: string): Format | undefined => own<Format>(formats, name);
