import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadFileDescriptorSetFromBuffer, type PackageDefinition } from '@grpc/proto-loader';
import { installOnce } from '../../src/envoy/pip.ts';

const run = promisify(execFile);
const cache = join(import.meta.dirname, '..', '..', '.cache', 'xds-protos');
const requirements = join(import.meta.dirname, 'official-requirements.txt');
const script = join(import.meta.dirname, 'dump-descriptors.py');

/**
 * The descriptors of Envoy's and gRPC's own APIs, as a FileDescriptorSet. Installed from PyPI into the project's cache
 * the first time; processes that do so at once do not disturb each other.
 */
export async function officialDescriptors(): Promise<Buffer> {
  const wanted = await Promise.all([requirements, script].map((path) => readFile(path)));
  const home = join(cache, createHash('sha256').update(Buffer.concat(wanted)).digest('hex').slice(0, 12));
  await installOnce({
    name: 'Envoy’s own descriptors',
    requirements,
    home,
    otherwise: 'and let it reach a package index',
    finish: dump,
  });
  return readFile(join(home, 'descriptors.binpb'));
}

/**
 * The official services and messages by their full names, in the form of @grpc/proto-loader: fields keep their names, a
 * map is an array of its entries, 64-bit numbers are strings. With defaults, absent fields are there too.
 */
export async function loadOfficial({ defaults = false } = {}): Promise<PackageDefinition> {
  const options = { keepCase: true, longs: String, enums: String, oneofs: true, defaults } as const;
  return loadFileDescriptorSetFromBuffer(await officialDescriptors(), options);
}

// The modules are only the way to the descriptors, and thirty times as large.
async function dump(folder: string, python: string): Promise<void> {
  const file = join(folder, 'descriptors.binpb');
  await run(python, [script, folder, file]);
  for (const name of await readdir(folder)) {
    if (join(folder, name) !== file) await rm(join(folder, name), { recursive: true });
  }
}
