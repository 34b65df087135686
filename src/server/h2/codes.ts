/** Types of frames (RFC 9113 section 6). */
export const frameTypes = Object.freeze({
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const);

/** Flags of frames (RFC 9113 section 6). */
export const flags = Object.freeze({ endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const);

/** Settings (RFC 9113 section 6.5.2). */
export const settingIds = Object.freeze({
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const);

/** Error codes (RFC 9113 section 7). */
export const errorCodes = Object.freeze({
  noError: 0,
  protocolError: 1,
  internalError: 2,
  flowControlError: 3,
  settingsTimeout: 4,
  streamClosed: 5,
  frameSizeError: 6,
  refusedStream: 7,
  cancel: 8,
  compressionError: 9,
  enhanceYourCalm: 11,
} as const);

/** The name of an error code. */
export type ErrorCode = keyof typeof errorCodes;

/** Bytes of a frame's head: length, type, flags, stream (RFC 9113 section 4.1). */
export const frameHeadBytes = 9;
/** The largest payload of a frame that we take and send: what everybody has to take (RFC 9113 section 4.2). */
export const maxFrameBytes = 16_384;
/** The window of a new connection, and of a stream until settings say otherwise (RFC 9113 section 6.9.2). */
export const defaultWindow = 65_535;
/** The largest window (RFC 9113 section 6.9.1). */
export const maxWindow = 2 ** 31 - 1;

/** What ends a connection (RFC 9113 section 5.4.1). */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
