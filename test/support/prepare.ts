import { findEnvoy } from '../../src/envoy/binary.ts';
import { officialDescriptors } from './official.ts';
import { redisServer } from './redis.ts';

/** Installs what the tests need and the machine lacks, one after the other, so that no two tests do it at once. */
export async function prepare(): Promise<void> {
  redisServer();
  await findEnvoy();
  await officialDescriptors();
}
