import type { NormalRequest } from '../../core/attributes.ts';
import type { StateStore } from '../../core/state.ts';

/** Remembers which proofs have been used, on all replicas that share the state. */
interface UsedProofs {
  /**
   * Whether the proof is used for the first time, or again for the same request: shadow rules look at a request that was
   * answered. Rejects with a StoreUnavailable when the store is away.
   */
  use(request: NormalRequest, proof: string, keepMs: number): Promise<boolean>;
  /** What use would say, without using it. Rejects likewise. */
  isUnused(request: NormalRequest, proof: string): Promise<boolean>;
}

/** Opens the memory of used proofs, which is that of the state. */
export function openUsedProofs({ values }: Pick<StateStore, 'values'>): UsedProofs {
  const used = new WeakMap<NormalRequest, string>();
  const keyOf = (proof: string): string => `dpop-proof/${proof}`;
  return {
    use: async (request, proof, keepMs) => {
      if (used.get(request) === proof) return true;
      const first = await values.claim(keyOf(proof), '1', keepMs);
      if (first) used.set(request, proof);
      return first;
    },
    isUnused: async (request, proof) => used.get(request) === proof || (await values.get(keyOf(proof))) === undefined,
  };
}
