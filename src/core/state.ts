/** Small texts under keys, each with a life. Every method rejects with a StoreUnavailable when the store is away or full. */
export interface ValueStore {
  get(key: string): Promise<string | undefined>;
  /** A store in memory that is full makes room by what ends first among the values that were put. */
  put(key: string, value: string, ttlMs: number): Promise<void>;
  /**
   * Puts it unless there is one already; says whether it did. One caller of many gets true. What is claimed stays for its
   * whole life: a store that has no room for it rejects.
   */
  claim(key: string, value: string, ttlMs: number): Promise<boolean>;
  /** Says whether there was one. */
  remove(key: string): Promise<boolean>;
}

/** Records of one kind by id, which stay until they are removed. Rejects as ValueStore does. */
export interface RecordTable {
  get(id: string): Promise<string | undefined>;
  put(id: string, record: string): Promise<void>;
  /** Says whether there was one. */
  remove(id: string): Promise<boolean>;
  /** All records, in no order, fetched as they are asked for; while others change the table one may come twice, newest last. */
  entries(): AsyncIterable<readonly [id: string, record: string]>;
}

/** A follower of a log. */
export interface LogFollower {
  /** Whether everything that stood in the log at the start has been taken. */
  ready(): boolean;
  close(): void;
}

/** Entries that every replica hears of, in one order. */
export interface SharedLog {
  /** Adds an entry that is kept for at least so long. Rejects as ValueStore does. */
  append(entry: string, keepMs: number): Promise<void>;
  /**
   * Hands over what the log holds and then, within half a second, whatever is added; goes on by itself after an outage, and
   * then hands over all of it again, for the log may have been put back. take never throws. caughtUp: called once, when
   * the follower becomes ready.
   */
  follow(take: (entry: string) => void, caughtUp?: () => void): LogFollower;
}

/** State beside the counters: sessions, replay marks, API keys, revocations. Names of values, tables and logs are apart. */
export interface StateStore {
  /** Whether other replicas see it, and a restart finds it again. */
  readonly shared: boolean;
  readonly values: ValueStore;
  table(name: string): RecordTable;
  log(name: string): SharedLog;
  close(): Promise<void>;
}
