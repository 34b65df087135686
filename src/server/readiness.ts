/** Whether calls should come here, and who wants to know when that changes. */
export interface Readiness {
  ready(): boolean;
  /** Calls back after every change; gives the function that ends it. */
  subscribe(changed: () => void): () => void;
}

/** A readiness that is told when to look again. */
export interface OpenReadiness extends Readiness {
  /** What keeps us from being ready. */
  missing(): readonly string[];
  /** Looks again, and tells the subscribers if something changed. */
  refresh(): void;
  /** Never ready again: we are about to end. */
  drain(): void;
}

/** Ready as long as nothing is missing and drain was not called. */
export function openReadiness(missing: () => readonly string[]): OpenReadiness {
  const subscribers = new Set<() => void>();
  let draining = false;
  const lacking = (): readonly string[] => (draining ? ['draining'] : missing());
  let told = lacking().length === 0;
  const refresh = (): void => {
    const ready = lacking().length === 0;
    if (ready === told) return;
    told = ready;
    for (const changed of subscribers) changed();
  };
  return {
    ready: () => lacking().length === 0,
    subscribe: (changed) => {
      subscribers.add(changed);
      return () => subscribers.delete(changed);
    },
    missing: lacking,
    refresh,
    drain: () => {
      draining = true;
      refresh();
    },
  };
}
