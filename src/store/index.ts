export { StoreUnavailable } from '../core/unavailable.ts';
export { createMemoryStore } from './memory.ts';
export { createMemoryState } from './memory-state.ts';
export { createRedisStore } from './redis.ts';
export { createRedisState } from './redis-state.ts';
