import { parsePrefix } from '../../core/address.ts';
import { isToken } from '../../core/header-name.ts';
import { own } from '../../core/json.ts';
import { parseListenAddress } from '../../core/listen-address.ts';
import { parseBytes, parseDurationMs, parseRate } from '../../core/units.ts';

/** A string format of config schemas. */
interface Format {
  readonly test: (text: string) => boolean;
  /** What a value must be, with an example. */
  readonly says: string;
}

/** The formats that schemas of the config may use. */
export const formats = Object.freeze({
  duration: { test: (text) => parseDurationMs(text) !== undefined, says: 'a duration like 20ms, 30s, 5m, 24h or 7d' },
  rate: {
    test: (text) => parseRate(text) !== undefined,
    says: 'a rate like 10/s, 100/m, 1000/h or 5000/d, of bytes like 500MiB/h',
  },
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
  listen: {
    test: (text) => parseListenAddress(text) !== undefined,
    says: 'an address like 127.0.0.1:9191, [::1]:9191 or unix:/run/portcullis.sock',
  },
} as const satisfies Record<string, Format>);

/** A format by its name; undefined when there is none. */
export const formatOf = (name: string): Format | undefined => own<Format>(formats, name);
