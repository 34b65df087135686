import type { KeyIndex } from './jwk.ts';
import type { KeySet } from './key-set.ts';

/** A key set that was read at load; without keys it is unavailable for ever. */
export const staticKeySet = (keys: KeyIndex | undefined): KeySet => ({
  find: (kid, alg) => keys?.find(kid, alg) ?? { kind: 'unavailable' },
  ready: () => keys !== undefined,
});
