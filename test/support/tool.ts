import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program that tests or benches need and that no package of npm brings. */
export interface Tool {
  readonly command: string;
  /** The environment variable that names one's own. */
  readonly variable: string;
  /** The Debian package that holds it. */
  readonly debianPackage: string;
}

const onPath = (command: string): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, command))
    .find((path) => existsSync(path));

/** Path of the tool: the variable, PATH, or the package manager where we are root; else an error that says what to do. */
export function findTool({ command, variable, debianPackage }: Tool): string {
  const own = process.env[variable];
  if (own !== undefined && own !== '') {
    if (!existsSync(own)) throw new Error(`${variable} names ${own}, which does not exist`);
    return own;
  }
  const found = onPath(command) ?? installed(command, debianPackage);
  if (found !== undefined) return found;
  throw new Error(
    `${command} is missing: install it (on Debian: apt-get install ${debianPackage}) or set ${variable} to its path`,
  );
}

function installed(command: string, debianPackage: string): string | undefined {
  if (process.getuid?.() !== 0 || onPath('apt-get') === undefined) return undefined;
  console.error(`installing ${debianPackage} by apt-get …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-q'], { stdio: 'ignore', env });
  // Redis's package would start a service of its own on the default port; a policy that refuses keeps it down.
  execFileSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', debianPackage], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...env, RUNLEVEL: '1' },
  });
  return onPath(command);
}
