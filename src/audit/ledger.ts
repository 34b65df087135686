import { openChain } from './chain.ts';
import type { AuditEvent } from './ocsf.ts';
import type { Vouched } from './signing.ts';

/** How the events of a sink are chained. */
export interface Seal {
  /** Names the chain: this sink of this process. */
  readonly id: string;
  /** How many braces close a line after our own facts. */
  readonly braces: number;
  /** The key that vouches for the chain; undefined: nobody does. */
  readonly keyId: string | undefined;
  /** Makes the event that vouches for the chain so far. */
  readonly checkpoint: ((vouched: Vouched, sequence: number) => AuditEvent) | undefined;
  /** A chain is vouched for after so many events, or so long after the first that is not. */
  readonly everyEvents: number;
  readonly everyMs: number;
}

/** Events as they are written. */
interface Sealed {
  readonly events: readonly AuditEvent[];
  /** Takes their places in the chain back. */
  readonly unseal: () => void;
}

/** The chain of one sink, with its checkpoints. */
export interface Ledger {
  /** Whether it is time for a checkpoint. */
  readonly due: boolean;
  /** Chains events, and adds a checkpoint where one is due, or where the chain ends. */
  seal(events: readonly AuditEvent[], ends: boolean, shape: (event: AuditEvent) => AuditEvent): Sealed;
  close(): void;
}

/** Opens a ledger; remind is called when it is time for a checkpoint. */
export function openLedger(seal: Seal | undefined, remind: () => void): Ledger {
  if (seal === undefined) return unchained;
  const { checkpoint, everyEvents, everyMs } = seal;
  const chain = openChain(seal.id, seal.braces, seal.keyId);
  let timer: NodeJS.Timeout | undefined;
  let signed = 0;
  let late = false;
  let over = false;
  const link = (event: AuditEvent): AuditEvent => ({ ...event, line: chain.seal(event.line) });
  const vouch = (end: boolean, sequence: number, shape: (event: AuditEvent) => AuditEvent): readonly AuditEvent[] => {
    const open = chain.head.sequence - signed;
    const due = late || open >= everyEvents;
    const wanted = end ? !over && chain.head.sequence > 0 : open > 0 && due;
    if (checkpoint === undefined || !wanted) return [];
    clearTimeout(timer);
    timer = undefined;
    late = false;
    over = end;
    const event = link(shape(checkpoint({ ...chain.head, chain: chain.id, end }, sequence)));
    signed = chain.head.sequence;
    return [event];
  };
  const wait = (): void => {
    if (checkpoint === undefined || timer !== undefined || chain.head.sequence === signed || over) return;
    timer = setTimeout(() => {
      late = true;
      remind();
    }, everyMs).unref();
  };
  let last = 0;
  return {
    get due() {
      return late;
    },
    seal: (events, ends, shape) => {
      const before = { head: chain.head, signed, last };
      last = events.at(-1)?.sequence ?? last;
      const linked = events.map(link);
      const sealed = [...linked, ...vouch(ends, last, shape)];
      wait();
      const unseal = (): void => {
        chain.rewind(before.head);
        ({ signed, last } = before);
      };
      return { events: sealed, unseal };
    },
    close: () => clearTimeout(timer),
  };
}

const unchained: Ledger = Object.freeze({
  due: false,
  seal: (events: readonly AuditEvent[]) => ({ events, unseal: () => {} }),
  close: () => {},
});
