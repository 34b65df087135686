import { StoreUnavailable } from '../core/unavailable.ts';

/** A time limit for one call. */
interface Deadline {
  /** Settles as the call does, or rejects with StoreUnavailable when the time is over; the call's later end is ignored. */
  race<T>(call: Promise<T>): Promise<T>;
  /** Whether the time was over first. */
  readonly passed: boolean;
}

/** A deadline that begins when it races; the store's name stands in its message. */
export function createDeadline(timeoutMs: number, store = 'counter store'): Deadline {
  let passed = false;
  return {
    race: (call) =>
      new Promise((resolve, reject) => {
        let settled = false;
        const timer = setTimeout(() => {
          // When we were late ourselves the answer may be here unread: timers run before the sockets are looked at.
          setImmediate(() => {
            if (settled) return;
            passed = true;
            reject(new StoreUnavailable(`the ${store} did not answer within ${timeoutMs} ms`));
          });
        }, timeoutMs);
        const end = (): void => {
          settled = true;
          clearTimeout(timer);
        };
        call.then(
          (value) => {
            end();
            resolve(value);
          },
          (error: unknown) => {
            end();
            reject(error);
          },
        );
      }),
    get passed() {
      return passed;
    },
  };
}
