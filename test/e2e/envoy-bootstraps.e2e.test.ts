import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { stateFolder } from '../../src/demo/gateway.ts';
import { createPki } from '../../src/demo/pki.ts';
import { findEnvoy, versionOf } from '../../src/envoy/binary.ts';
import { adaptBootstrap } from '../../src/envoy/bootstrap.ts';
import { validateBootstrap } from '../../src/envoy/process.ts';

const shipped = join(import.meta.dirname, '..', '..', 'envoy');
const names = (await readdir(shipped)).filter((name) => name.endsWith('.yaml'));

let binary: string;
let folder: string;
before(async () => {
  binary = await findEnvoy();
  folder = await mkdtemp(join(tmpdir(), 'portcullis-bootstraps-'));
  await createPki(folder);
});
after(() => rm(folder, { recursive: true, force: true }));

test('every way of use has its bootstrap', () => {
  const wanted = [
    'access-log.yaml',
    'demo.yaml',
    'ext-authz.yaml',
    'login.yaml',
    'process.yaml',
    'rate-limit.yaml',
    'tracing.yaml',
    'with-body.yaml',
  ];
  assert.deepEqual(
    names.toSorted().filter((name) => wanted.includes(name)),
    wanted,
  );
});

for (const name of names) {
  test(`the binary takes envoy/${name}`, async () => {
    const text = await readFile(join(shipped, name), 'utf8');
    const file = join(folder, name);
    await writeFile(file, adaptBootstrap(text, { paths: new Map([[stateFolder, folder]]) }));
    await validateBootstrap(binary, file, folder);
  });
}

test('what the binary does not take is told in its words', async () => {
  const file = join(folder, 'bad.yaml');
  await writeFile(file, 'static_resources: { listeners: [{ nam: x }] }\n');
  await assert.rejects(validateBootstrap(binary, file, folder), /bad\.yaml.*nam/s);
});

test('the binary is 1.39 or newer', async () => {
  assert.match((await versionOf(binary)) ?? '', /^(1\.(39|[4-9]\d)|[2-9]\.)/);
});
