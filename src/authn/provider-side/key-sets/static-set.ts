import type { KeyObject } from 'node:crypto';
import { isHmac } from '../../algorithms.ts';
import type { KeyIndex } from './jwk.ts';
import type { KeySet } from './key-set.ts';

/** A key set that was read at load; without keys it is unavailable for ever. */
export const staticKeySet = (keys: KeyIndex | undefined): KeySet => ({
  find: (kid, alg) => keys?.find(kid, alg) ?? { kind: 'unavailable' },
  ready: () => keys !== undefined,
});

/** One secret that an issuer shares with us: whatever kid a token has, for no set of keys stands behind it. */
export const secretKeySet = (key: KeyObject): KeySet => ({
  find: (_kid, alg) => (isHmac(alg) ? { kind: 'found', key } : { kind: 'mismatch' }),
  ready: () => true,
});
