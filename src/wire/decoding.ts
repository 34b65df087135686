/** What ts-proto generates for a message, as far as reading it goes. */
interface Codec<T> {
  decode(bytes: Uint8Array): T;
}

/** The message in the bytes; undefined when they are not protobuf. Never throws. */
export function decoded<T>(codec: Codec<T>, bytes: Uint8Array): T | undefined {
  try {
    return codec.decode(bytes);
  } catch {
    return undefined;
  }
}
