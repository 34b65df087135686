import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FileUnread } from '../aside/run.ts';
import { compileRulesAhead } from './ahead.ts';
import { type CompileAside, compileOnThread, type RulesJob } from './aside.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-rule-sets-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const { signal } = new AbortController();

function writeRules(pattern: string): void {
  mkdirSync(join(folder, 'crs', 'below.conf'), { recursive: true });
  writeFileSync(
    join(folder, 'crs', 'a.conf'),
    `SecComponentSignature "OWASP_CRS/4.99.0"\nSecRule ARGS "@rx ${pattern}" "id:1,deny,severity:CRITICAL"\n`,
  );
}

/** Compiles ahead and tells of the directories that a thread has read, and of how much is held for the load. */
async function ahead(rules: readonly unknown[], compile: CompileAside = compileOnThread()) {
  const jobs: RulesJob[] = [];
  const held: object[] = [];
  const files = { place: (name: string) => join(folder, name), hold: (made: object) => void held.push(made) };
  const compileAside: CompileAside = (job, signal) => {
    jobs.push(job);
    return compile(job, signal);
  };
  await compileRulesAhead({ protect: { crs: { dir: 'crs' } }, rules }, files, { compileAside, signal });
  return { jobs, held };
}

test('a directory is read on a thread when it has changed, and not again', async () => {
  writeRules('one');
  const searches = [
    {},
    { protect: { preset: 'off' } },
    { protect: { exclude: [] } },
    { protect: { preset: 'strict' } },
  ];
  const first = await ahead(searches);
  assert.deepEqual(first.jobs, [{ files: [join(folder, 'crs', 'a.conf')], paranoia: undefined }]);
  assert.equal(first.held.length, 2);
  const again = await ahead(searches);
  assert.deepEqual(again.jobs, []);
  assert.deepEqual(again.held, first.held);
  writeRules('two');
  assert.equal((await ahead(searches)).jobs.length, 1);
});

test('what a thread cannot read is left for the load', async () => {
  writeRules('three');
  const unread = await ahead([{}], () => Promise.reject(new FileUnread('no')));
  assert.deepEqual([unread.jobs.length, unread.held], [1, []]);
  await assert.rejects(
    ahead([{}], () => Promise.reject(new TypeError('a bug'))),
    TypeError,
  );
  assert.deepEqual(await ahead([{ protect: { crs: { dir: 'none' } } }]), { jobs: [], held: [] });
});
