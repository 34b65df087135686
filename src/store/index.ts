export { createMemoryStore } from './memory.ts';
export { createRedisStore } from './redis.ts';
export { StoreUnavailable } from './unavailable.ts';
