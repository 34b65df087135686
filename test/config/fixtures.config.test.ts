import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { compileOffline } from '../../src/cli/offline.ts';
import type { Issue } from '../../src/config/issue.ts';
import { openConfig } from '../../src/config/open.ts';

// Each good/NAME.yaml must load. Each bad/NAME.yaml must give exactly the lines of bad/NAME.issues, and their order; with
// UPDATE_FIXTURES=1 those are written anew: read what has changed.

const here = import.meta.dirname;
const env = { HOST: '127.0.0.1', PORT: '9191', HOPS: '2', SECRET: 'PLANTED', WORDS: 'two words' };

function issuesOf(file: string): readonly Issue[] {
  const opening = openConfig(file, env);
  compileOffline(opening)?.close();
  return opening.issues();
}

/** `line:col path message`, with the file's name in front when it is not the config itself. */
function lineOf(issue: Issue, file: string): string {
  const other = resolve(issue.file) === file ? '' : `${relative(dirname(file), resolve(issue.file))}:`;
  return `${other}${issue.line}:${issue.col} ${issue.path} ${issue.message}`;
}

const fixtures = (folder: string): readonly string[] =>
  readdirSync(join(here, folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(here, folder, name));

for (const file of fixtures('good')) {
  test(`${relative(here, file)} loads`, () => {
    assert.deepEqual(
      issuesOf(file).map((issue) => lineOf(issue, file)),
      [],
    );
  });
}

for (const file of fixtures('bad')) {
  test(`${relative(here, file)} is refused with all its issues`, () => {
    const said = issuesOf(file).map((issue) => lineOf(issue, file));
    const wanted = file.replace(/\.yaml$/, '.issues');
    if (process.env['UPDATE_FIXTURES'] === '1') writeFileSync(wanted, `${said.join('\n')}\n`);
    assert.ok(existsSync(wanted), `${wanted} is missing`);
    assert.notEqual(said.length, 0);
    assert.deepEqual(said, readFileSync(wanted, 'utf8').trimEnd().split('\n'));
    assert.ok(!said.some((line) => line.includes('PLANTED')), 'a secret is shown');
  });
}
