const longest = 1024;

/** A text as grpc-message carries it: printable ASCII, and the rest of its UTF-8 percent-encoded. */
export const statusText = (text: string): string =>
  Buffer.from(text.slice(0, longest), 'utf8').reduce(
    (encoded, byte) =>
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? encoded + String.fromCharCode(byte)
        : `${encoded}%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    '',
  );
