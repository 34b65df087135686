import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadFileDescriptorSetFromBuffer, type PackageDefinition } from '@grpc/proto-loader';

const run = promisify(execFile);
const cache = join(import.meta.dirname, '..', '..', '.cache', 'xds-protos');
const requirements = join(import.meta.dirname, 'official-requirements.txt');
const script = join(import.meta.dirname, 'dump-descriptors.py');

// The environment reaches where older releases of pip know no such option.
const pipEnvironment = {
  PIP_BREAK_SYSTEM_PACKAGES: '1',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_NO_INPUT: '1',
  PIP_ROOT_USER_ACTION: 'ignore',
  PIP_USER: '0',
};

/**
 * The descriptors of Envoy's and gRPC's own APIs, as a FileDescriptorSet. Installed from PyPI into the project's cache
 * the first time; processes that do so at once do not disturb each other.
 */
export async function officialDescriptors(): Promise<Buffer> {
  const wanted = await Promise.all([requirements, script].map((path) => readFile(path)));
  const version = createHash('sha256').update(Buffer.concat(wanted)).digest('hex').slice(0, 12);
  const file = join(cache, `descriptors-${version}.binpb`);
  if (!(await exists(file))) await install(file);
  return readFile(file);
}

/**
 * The official services and messages by their full names, in the form of @grpc/proto-loader: fields keep their names, a
 * map is an array of its entries, 64-bit numbers are strings. With defaults, absent fields are there too.
 */
export async function loadOfficial({ defaults = false } = {}): Promise<PackageDefinition> {
  const options = { keepCase: true, longs: String, enums: String, oneofs: true, defaults } as const;
  return loadFileDescriptorSetFromBuffer(await officialDescriptors(), options);
}

async function install(file: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(join(cache, 'new-'));
  const packages = join(fresh, 'packages');
  const dumped = join(fresh, 'descriptors.binpb');
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--no-compile', '--only-binary', ':all:'];
  try {
    await python([...pip, '--require-hashes', '--requirement', requirements, '--target', packages]);
    await python([script, packages, dumped]);
    await rename(dumped, file);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function python(args: readonly string[]): Promise<void> {
  const env = { ...process.env, ...pipEnvironment };
  await run('python3', args, { env, timeout: 300_000 }).catch((error: unknown) => {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Error(
      `The contract tests need Envoy's own descriptors, and they cannot be had. Install python3 and pip ` +
        `(Debian: apt install python3-pip) and let pip reach a package index.\n${said === '' ? String(error) : said}`,
    );
  });
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
