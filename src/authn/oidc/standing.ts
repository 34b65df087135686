import type { Session } from './session.ts';
import type { SessionOptions } from './session-options.ts';

/** How a session stands at a time. */
export interface Standing {
  /** It has been idle for too long, or is too old. */
  readonly over: boolean;
  /** Its tokens are still good. */
  readonly valid: boolean;
  /** Its tokens should be renewed, and can be. */
  readonly due: boolean;
  /** It has not been noted for a while that it is in use. */
  readonly unseen: boolean;
}

// How exactly the last use is known, as a part of the time that a session may be idle.
const seenPart = 10;
// Tokens of a short life are renewed in this last part of it.
const dueInLast = 5;

/** Judges a session's times by the config of now. */
export function standingOf(session: Session, options: SessionOptions, nowMs: number): Standing {
  const { idleMs, absoluteMs, refreshBeforeMs } = options;
  const { loginMs, seenMs, renewedMs, validMs, refreshToken } = session;
  const aheadMs = Math.min(refreshBeforeMs, (validMs - renewedMs) / dueInLast);
  return {
    over: nowMs >= loginMs + absoluteMs || nowMs >= seenMs + idleMs,
    valid: nowMs < validMs,
    due: refreshToken !== undefined && nowMs >= validMs - aheadMs && validMs < loginMs + absoluteMs,
    unseen: nowMs >= seenMs + idleMs / seenPart,
  };
}
