import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);

test('the release finds every file of the dashboard', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-release-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  await run(resolve('node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json', '--outDir', join(folder, 'build')]);
  await cp('dashboard', join(folder, 'dashboard'), { recursive: true });
  await cp('package.json', join(folder, 'package.json'));
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  const script = `
    import { readFileSync } from 'node:fs';
    import { dashboardFiles } from './build/server/admin/dashboard.js';
    for (const file of dashboardFiles.values()) readFileSync(file);
    console.log(dashboardFiles.size);`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
  assert.ok(Number(stdout) > 10);
});

test('the package and the image hold the dashboard', async () => {
  const { files, dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
  assert.ok(files.includes('dashboard') && dependencies.uplot);
  assert.match(await readFile('deploy/Dockerfile', 'utf8'), /^COPY dashboard \.\/dashboard$/m);
  assert.match(await readFile('deploy/Dockerfile.dockerignore', 'utf8'), /^!dashboard$/m);
  assert.ok((await readdir('dashboard')).includes('index.html'));
});
