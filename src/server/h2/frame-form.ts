import { ConnectionError, flags, frameTypes } from './codes.ts';

/** What a frame of a type must look like, whatever it says. */
interface Form {
  /** Whether it is of a stream, or of the connection; undefined: either. */
  readonly stream: boolean | undefined;
  /** Whether its payload may have so many bytes. */
  readonly fits: (bytes: number, flag: number) => boolean;
}

const whatever = (): boolean => true;
const exactly =
  (size: number) =>
  (bytes: number): boolean =>
    bytes === size;

// A PRIORITY of another size is an error of its stream alone (RFC 9113 section 6.3).
const forms: readonly (Form | undefined)[] = Object.entries({
  [frameTypes.data]: { stream: true, fits: whatever },
  [frameTypes.headers]: { stream: true, fits: whatever },
  [frameTypes.priority]: { stream: true, fits: whatever },
  [frameTypes.rstStream]: { stream: true, fits: exactly(4) },
  [frameTypes.settings]: {
    stream: false,
    fits: (bytes, flag) => ((flag & flags.ack) === 0 ? bytes % 6 === 0 : bytes === 0),
  },
  [frameTypes.pushPromise]: { stream: true, fits: whatever },
  [frameTypes.ping]: { stream: false, fits: exactly(8) },
  [frameTypes.goaway]: { stream: false, fits: (bytes) => bytes >= 8 },
  [frameTypes.windowUpdate]: { stream: undefined, fits: exactly(4) },
  [frameTypes.continuation]: { stream: true, fits: whatever },
} satisfies Record<number, Form>).map(([, form]) => form);

/** Throws a ConnectionError for a frame of the wrong size, or on a stream where it does not belong (RFC 9113 section 6). */
export function checkForm(type: number, flag: number, stream: number, bytes: number): void {
  const form = forms[type];
  if (form === undefined) return;
  if (form.stream !== undefined && form.stream !== (stream !== 0)) {
    throw new ConnectionError('protocolError', 'a frame of a stream that it cannot be of');
  }
  if (!form.fits(bytes, flag)) throw new ConnectionError('frameSizeError', 'a frame has the wrong size');
}

/** The payload without its padding (RFC 9113 sections 6.1 and 6.2). */
export function withoutPadding(flag: number, payload: Buffer): Buffer {
  if ((flag & flags.padded) === 0) return payload;
  const padding = payload[0];
  if (padding === undefined) throw new ConnectionError('frameSizeError', 'a padded frame without its padding');
  if (padding >= payload.length) throw new ConnectionError('protocolError', 'more padding than there is frame');
  return payload.subarray(1, payload.length - padding);
}

/** The stream that a priority makes another one depend on (RFC 9113 section 5.3). */
export const dependencyOf = (payload: Buffer): number => payload.readUInt32BE(0) & 0x7fff_ffff;
