import { ConnectionError, maxFrameBytes, maxWindow, settingIds } from './codes.ts';

/** What the other side asks for, as far as it matters to us; undefined: it does not say. */
interface PeerSettings {
  readonly headerTableSize: number | undefined;
  readonly initialWindowSize: number | undefined;
}

const largestFrameBytes = 2 ** 24 - 1;

/** Reads the payload of SETTINGS (RFC 9113 section 6.5); of settings that come twice the last counts. Throws a ConnectionError. */
export function readSettings(payload: Buffer): PeerSettings {
  let headerTableSize: number | undefined;
  let initialWindowSize: number | undefined;
  for (let at = 0; at < payload.length; at += 6) {
    const value = payload.readUInt32BE(at + 2);
    switch (payload.readUInt16BE(at)) {
      case settingIds.headerTableSize:
        headerTableSize = value;
        break;
      case settingIds.enablePush:
        if (value > 1) throw new ConnectionError('protocolError', 'ENABLE_PUSH is 0 or 1');
        break;
      case settingIds.initialWindowSize:
        if (value > maxWindow) throw new ConnectionError('flowControlError', 'INITIAL_WINDOW_SIZE is too large');
        initialWindowSize = value;
        break;
      case settingIds.maxFrameSize:
        if (value < maxFrameBytes || value > largestFrameBytes) {
          throw new ConnectionError('protocolError', 'MAX_FRAME_SIZE is outside of its bounds');
        }
        break;
      default:
      // The others bind the client's own answers, or belong to extensions.
    }
  }
  return { headerTableSize, initialWindowSize };
}
