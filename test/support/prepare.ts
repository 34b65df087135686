import { findEnvoy } from '../../src/envoy/binary.ts';
import { chromiumBinary } from './browser.ts';
import { collectorBinary } from './collector.ts';
import { goMissing, goTool, kubectlValidate } from './go-tool.ts';
import { keycloakHome } from './keycloak.ts';
import { officialDescriptors } from './official.ts';
import { promtool } from './promtool.ts';
import { redisServer } from './redis.ts';

/** Installs what the tests need and the machine lacks, one after the other, so that no two tests do it at once. */
export async function prepare(groups: readonly string[]): Promise<void> {
  redisServer();
  await findEnvoy();
  await officialDescriptors();
  if (groups.includes('e2e') || groups.includes('nightly')) chromiumBinary();
  if (groups.includes('nightly')) await keycloakHome();
  if ((await goMissing()) !== undefined) return;
  if (groups.includes('deploy')) promtool();
  // Minutes on a machine that never built them: longer than a test may take.
  if (groups.includes('deploy')) await goTool(kubectlValidate);
  if (groups.includes('deploy') || groups.includes('e2e')) await collectorBinary();
}
