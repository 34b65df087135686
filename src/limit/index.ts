export { type AlgorithmName, algorithms } from './algorithms/index.ts';
export { buildLimits, type Limit, type LimitOptions } from './build.ts';
export { buildDescriptors } from './descriptors/index.ts';
export { limitSchema } from './schema.ts';
export { limitSteps } from './steps.ts';
export { volumeCounter } from './volume.ts';
