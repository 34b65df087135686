import type { HeaderMap } from '../../core/attributes.ts';
import { cookiesOf } from '../../core/cookie.ts';
import type { HeaderMutation } from '../../core/decision.ts';
import { dropCookie, setShortCookie } from './cookies.ts';

// A browser whose logins succeed and whose sessions are refused a moment later would go around for ever: replicas without a
// common store or common keys do that to it.
const most = 5;
const withinMs = 60_000;

const nameOf = (cookie: string): string => `${cookie}.rounds`;

/** How many such logins this browser has ended lately; it says so itself, and can only send itself around. */
function count(headers: HeaderMap, cookie: string): number {
  const [value = ''] = cookiesOf(headers).get(nameOf(cookie)) ?? [];
  return /^[0-9]{1,3}$/.test(value) ? Number(value) : 0;
}

/** Whether a browser goes around in circles, so that it must be told rather than sent. */
export const goesAround = (headers: HeaderMap, cookie: string): boolean => count(headers, cookie) >= most;

/** Notes the end of a login that followed on a session which was refused: it counts for a minute. */
export const noteRound = (headers: HeaderMap, cookie: string): HeaderMutation =>
  setShortCookie(nameOf(cookie), String(Math.min(count(headers, cookie) + 1, most)), withinMs);

/** Begins to count anew: somebody is there who acts. */
export const forgetRounds = (cookie: string): HeaderMutation => dropCookie(nameOf(cookie));
