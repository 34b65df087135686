/** Encoded ASN.1 (ITU-T X.690, DER): only what a certificate needs, and only writing. */
export type Der = Buffer;

/** One element: tag, length, contents. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Der {
  const body = Buffer.concat(contents);
  const { length } = body;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), body]);
  const size = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.of(tag, 0x80 | size.length), size, body]);
}

/** SEQUENCE. */
export const sequence = (...items: readonly Der[]): Der => element(0x30, ...items);

/** SET of one. */
export const setOf = (item: Der): Der => element(0x31, item);

/** INTEGER, from bytes that are positive as they stand. */
export const integer = (bytes: Uint8Array): Der => element(0x02, bytes);

/** BOOLEAN TRUE. */
export const yes: Der = element(0x01, Buffer.of(0xff));

/** UTF8String. */
export const utf8 = (text: string): Der => element(0x0c, Buffer.from(text));

/** OCTET STRING. */
export const octets = (bytes: Uint8Array): Der => element(0x04, bytes);

/** BIT STRING whose last byte has unused bits. */
export const bits = (bytes: Uint8Array, unused = 0): Der => element(0x03, Buffer.of(unused), bytes);

/** UTCTime: right for years up to 2049 (RFC 5280 section 4.1.2.5). */
export const utcTime = (ms: number): Der =>
  element(
    0x17,
    Buffer.from(
      `${new Date(ms)
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2, -1)}Z`,
    ),
  );

/** OBJECT IDENTIFIER of "1.2.840…". */
export function oid(text: string): Der {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): readonly number[] {
  const digits = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) digits.unshift(0x80 | (left & 0x7f));
  return digits;
}
