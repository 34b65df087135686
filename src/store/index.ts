export { createMemoryStore, type MemoryStoreOptions } from './memory.ts';
export { createRedisStore, type RedisStoreOptions } from './redis.ts';
export { StoreUnavailable } from './unavailable.ts';
