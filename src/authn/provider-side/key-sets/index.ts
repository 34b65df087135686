import { systemTimers, type Timers } from '../../../core/timers.ts';
import { outboundKey } from '../../../outbound/registry.ts';
import type { KeySetSpec, KeySets } from './key-set.ts';
import { type KeySetDeps, openRemoteSet, type RemoteSet } from './remote-set.ts';

// Every field in a fixed order, so that equal specs have equal keys however they were put together.
const specKey = (spec: KeySetSpec): string =>
  JSON.stringify([
    spec.identity,
    spec.source.kind === 'url' ? ['url', spec.source.url] : ['discovery', spec.source.issuer],
    spec.refreshMs,
    spec.staleIfErrorMs,
    spec.unknownKidCooldownMs,
    outboundKey(spec.outbound),
  ]);

/** Opens the registry of key sets: one for the life of the process, so that a reload finds its sets warm. */
export function createKeySets(deps: Omit<KeySetDeps, 'timers'> & { readonly timers?: Timers }): KeySets {
  const total: KeySetDeps = { ...deps, timers: deps.timers ?? systemTimers };
  const sets = new Map<string, RemoteSet>();
  let started = false;

  return {
    resolve: (spec) => {
      const key = specKey(spec);
      const set = sets.get(key) ?? openRemoteSet(spec, total);
      sets.set(key, set);
      return set;
    },
    start: () => {
      started = true;
      for (const set of sets.values()) set.start();
    },
    retain: (specs) => {
      const wanted = new Set(specs.map(specKey));
      for (const [key, set] of sets) {
        if (wanted.has(key)) {
          if (started) set.start();
        } else {
          set.retire();
          sets.delete(key);
        }
      }
    },
    close: () => {
      started = false;
      for (const set of sets.values()) set.close();
    },
  };
}
