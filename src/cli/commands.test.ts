import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { runCommands } from '../../test/support/command-line.ts';
import type { Issue } from '../config/issue.ts';
import { parseDocument } from '../config/yaml/document.ts';
import { keyCommand } from './key.ts';
import type { CheckReport } from './offline.ts';
import { schemaCommand } from './schema.ts';
import { validateCommand } from './validate.ts';

const run = (context: TestContext, args: readonly string[], report: CheckReport = { issues: [] }) =>
  runCommands(
    context,
    (say) => [
      validateCommand({ check: () => report, print: say }),
      keyCommand(say),
      schemaCommand({ type: 'object' }, say),
    ],
    args,
  );

const issue: Issue = { file: 'a.yaml', line: 3, col: 5, path: 'rules[0].id', message: 'is required' };

test('validate says ok, or every issue on its line with exit code 2', async (context) => {
  assert.deepEqual(await run(context, ['validate', 'a.yaml'], { issues: [], summary: '4 rules' }), {
    code: 0,
    out: 'a.yaml: ok, 4 rules',
    err: '',
  });
  assert.deepEqual(await run(context, ['validate', 'a.yaml']), { code: 0, out: 'a.yaml: ok', err: '' });
  const bad = await run(context, ['validate', 'a.yaml'], { issues: [issue, { ...issue, line: 4 }] });
  assert.deepEqual(bad, {
    code: 2,
    out: 'a.yaml:3:5 rules[0].id is required\na.yaml:4:5 rules[0].id is required',
    err: '',
  });
});

test('validate --json prints the same issues as one object', async (context) => {
  const { code, out } = await run(context, ['validate', 'a.yaml', '--json'], { issues: [issue] });
  assert.equal(code, 2);
  assert.deepEqual(JSON.parse(out), { file: 'a.yaml', ok: false, issues: [issue] });
});

test('validate prints notes before all else, and they change no exit code', async (context) => {
  const notes = [{ file: 'crs/a.conf', line: 7, message: 'not supported: 1: the operator @rbl' }];
  const said = await run(context, ['validate', 'a.yaml'], { issues: [], notes, summary: '1 rule' });
  const lines = ['note: crs/a.conf:7 not supported: 1: the operator @rbl', 'a.yaml: ok, 1 rule'];
  assert.deepEqual([said.code, said.out.trimEnd().split('\n')], [0, lines]);
  const { out } = await run(context, ['validate', 'a.yaml', '--json'], { issues: [], notes });
  assert.deepEqual(JSON.parse(out), { file: 'a.yaml', ok: true, issues: [], notes });
});

test('key new prints a key once and an entry that does not hold it', async (context) => {
  const { code, out } = await run(context, ['key', 'new', '--owner', 'yes: [', '--roles', 'a, b', '--id', 'k1']);
  assert.equal(code, 0);
  const { value, problems } = parseDocument(out);
  assert.deepEqual(problems, []);
  const { key, keys } = JSON.parse(JSON.stringify(value));
  assert.match(key, /^pck_k1_[A-Za-z0-9_-]{43}/);
  assert.equal(out.split(key).length, 2);
  assert.equal(keys.length, 1);
  const { hash, created, ...rest } = keys[0];
  assert.deepEqual(rest, { id: 'k1', owner: 'yes: [', roles: ['a', 'b'] });
  assert.match(hash, /^sha256:[0-9a-f]{64}$/);
  assert.match(created, /^\d{4}-\d\d-\d\dT/);
});

test('key new --json gives the same to programs', async (context) => {
  const args = ['key', 'new', '--owner', 'x', '--roles', 'a', '--expires', '2027-01-31', '--json'];
  const { key, entry } = JSON.parse((await run(context, args)).out);
  assert.match(key, /^pck_/);
  assert.equal(entry.expires, '2027-01-31');
});

for (const [name, args, message] of [
  ['an unknown option', ['validate', 'a', '--jsno'], /unknown option '--jsno'/],
  ['no file', ['validate'], /missing required argument 'file'/],
  ['no owner', ['key', 'new', '--roles', 'a'], /required option '--owner <name>'/],
  ['an empty role', ['key', 'new', '--owner', 'x', '--roles', 'a,,b'], /a role is a text/],
  ['a bad date', ['key', 'new', '--owner', 'x', '--roles', 'a', '--expires', 'soon'], /a date like 2027-01-31/],
  ['a date that is over', ['key', 'new', '--owner', 'x', '--roles', 'a', '--expires', '2020-01-31'], /is over/],
  ['a bad id', ['key', 'new', '--owner', 'x', '--roles', 'a', '--id', 'A b'], /an id has/],
  ['an unknown command', ['key', 'nwe'], /unknown command 'nwe'/],
] as const) {
  test(`a command line with ${name} is refused with exit code 2`, async (context) => {
    const { code, out, err } = await run(context, args);
    assert.equal(code, 2);
    assert.equal(out, '');
    assert.match(err, message);
  });
}

test('schema prints what editors read', async (context) => {
  const { out } = await run(context, ['schema']);
  assert.deepEqual(JSON.parse(out), { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' });
});

for (const args of [['validate'], ['key', 'new'], ['schema']]) {
  test(`the help of ${args.join(' ')} has examples, and exit code 0`, async (context) => {
    const { code, out } = await run(context, [...args, '--help']);
    assert.equal(code, 0);
    assert.match(out, /Examples:\n {2}portcullis /);
  });
}
