import type { HeaderMutation } from './decision.ts';
import type { Principal } from './principal.ts';

/** Who it is, and what the answer to the caller carries because of that: a renewed session cookie, a nonce. */
export interface Identified {
  readonly principal: Principal;
  readonly response: readonly HeaderMutation[];
}

const noHeaders: readonly HeaderMutation[] = Object.freeze([]);

/** A principal, with headers for the answer where there are any. */
export const identified = (principal: Principal, response: readonly HeaderMutation[] = noHeaders): Identified => ({
  principal,
  response,
});
