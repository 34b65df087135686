import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const bin = join(import.meta.dirname, '..', '..', '.cache', 'go-bin');

/** A program of a Go module, at a version. */
export interface GoTool {
  readonly name: string;
  readonly module: string;
  readonly version: string;
}

/** Why a test that needs Go cannot run here; undefined when Go is there. */
export const goMissing = async (): Promise<string | undefined> =>
  run('go', ['version']).then(
    () => undefined,
    () => 'Go is not installed on this machine',
  );

/** The program's path; built into the project's cache the first time, which takes minutes for a large one. */
export async function goTool({ name, module, version }: GoTool): Promise<string> {
  const home = join(bin, version);
  const path = join(home, name);
  if (existsSync(path)) return path;
  console.error(`building ${name} ${version} by go install, once …`);
  await run('go', ['install', `${module}@${version}`], {
    env: { ...process.env, GOBIN: home, GOFLAGS: '' },
    timeout: 900_000,
  });
  return path;
}

/** The folder of a Go module's files at a version, from the module cache. */
export async function goModule(module: string, version: string): Promise<string> {
  const { stdout } = await run('go', ['mod', 'download', '-json', `${module}@${version}`], { timeout: 300_000 });
  const answer: unknown = JSON.parse(stdout);
  if (typeof answer !== 'object' || answer === null || !('Dir' in answer)) throw new Error(`no folder of ${module}`);
  return String(answer.Dir);
}

/** The real API server's validation, without a server. */
export const kubectlValidate: GoTool = {
  name: 'kubectl-validate',
  module: 'sigs.k8s.io/kubectl-validate',
  version: 'v0.0.4',
};
