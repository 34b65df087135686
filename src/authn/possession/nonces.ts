import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { StateStore } from '../../core/state.ts';
import { StoreUnavailable } from '../../core/unavailable.ts';

/** Nonces of ours that proofs must hold (RFC 9449 section 9); both reject with a StoreUnavailable when the store is away. */
export interface Nonces {
  /** The nonce to hand out now. */
  current(): Promise<string>;
  /** Whether it is handed out now, or was until a lifetime ago. */
  accepts(nonce: string): Promise<boolean>;
}

/**
 * Opens the nonces: one for each stretch of time, drawn by the first replica that needs it and found in the state by all
 * others. It cannot be guessed before, and what was made with it is of use no longer than two lifetimes.
 */
export function openNonces({ values }: Pick<StateStore, 'values'>, clock: Clock, lifetimeMs: number): Nonces {
  const known = new Map<number, Promise<string>>();
  const draw = async (stretch: number): Promise<string> => {
    const key = `dpop-nonce/${lifetimeMs}/${stretch}`;
    const fresh = randomBytes(16).toString('base64url');
    // Longer than it is of use, for the clocks of replicas differ.
    const nonce = (await values.claim(key, fresh, 3 * lifetimeMs)) ? fresh : await values.get(key);
    if (nonce === undefined) throw new StoreUnavailable('a nonce was there and is gone');
    return nonce;
  };
  const nonceOf = async (stretch: number): Promise<string> => {
    const nonce = known.get(stretch) ?? draw(stretch);
    known.set(stretch, nonce);
    try {
      return await nonce;
    } catch (error) {
      known.delete(stretch);
      throw error;
    }
  };
  const now = (): number => {
    const stretch = Math.floor(clock.nowMs() / lifetimeMs);
    for (const other of known.keys()) if (Math.abs(other - stretch) > 1) known.delete(other);
    return stretch;
  };
  return {
    current: () => nonceOf(now()),
    accepts: async (nonce) => {
      const stretch = now();
      return nonce === (await nonceOf(stretch)) || nonce === (await nonceOf(stretch - 1));
    },
  };
}
