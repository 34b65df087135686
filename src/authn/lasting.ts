import { hash } from 'node:crypto';

/** What outlives a plan without being closed: an equal spec in the next plan finds what the last one opened. */
export interface Lasting {
  /**
   * What was opened for an equal spec of that kind, else what open gives now. Whoever uses it holds on to it; what nobody
   * holds any more is given up. A kind opens things of one type; a spec is all that they depend on, as JSON would hold it.
   */
  resolve<T extends object>(kind: string, spec: unknown, open: () => T): T;
}

/** Opens the registry: one for the life of the process. */
export function createLasting(): Lasting {
  const opened = new Map<string, WeakRef<object>>();
  return {
    resolve: <T extends object>(kind: string, spec: unknown, open: () => T): T => {
      for (const [name, held] of opened) if (held.deref() === undefined) opened.delete(name);
      // A digest, for a spec may hold a secret.
      const name = hash('sha256', JSON.stringify([kind, spec]), 'base64');
      // What stands under a name was opened for its kind, and a kind opens things of one type.
      const thing = (opened.get(name)?.deref() as T | undefined) ?? open();
      opened.set(name, new WeakRef(thing));
      return thing;
    },
  };
}
