import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileReader, maxFileBytes, type Reader, readFailure } from './files/reader.ts';
import { formatIssue } from './issue.ts';
import { type Loaded, load } from './load.ts';
import { compileShape } from './shape/schema.ts';

const string = { type: 'string' } as const;
const shape = compileShape({
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: { name: string, file: string, directory: string, count: { type: 'integer' }, nested: { type: 'object' } },
});

interface Files {
  readonly [name: string]: string | Uint8Array;
}

const failure = (code: string): Error => Object.assign(new Error(code), { code });

const memory = (files: Files): Reader => ({
  read: (file) => {
    const content = files[file];
    if (content === undefined) throw failure('ENOENT');
    return typeof content === 'string' ? new TextEncoder().encode(content) : content;
  },
  list: (directory) => {
    const names = Object.keys(files).filter((file) => file.startsWith(`${directory}/`));
    if (names.length === 0) throw failure('ENOTDIR');
    return names.map((file) => file.slice(directory.length + 1));
  },
});

const read = (files: Files, env = {}): Loaded =>
  load('conf/main.yaml', { shape, env, cwd: '/w', reader: memory(files) });
const lines = (loaded: Loaded): readonly string[] => loaded.issues().map(formatIssue);

test('a good config is read, with its variables in it', () => {
  const loaded = read({ '/w/conf/main.yaml': `name: "\${A}"\ncount: \${B:-3}\n` }, { A: '1' });
  assert.equal(loaded.ok, true);
  assert.deepEqual(JSON.parse(JSON.stringify(loaded.config)), { name: '1', count: 3 });
  assert.deepEqual(loaded.files(), ['/w/conf/main.yaml']);
  assert.deepEqual(loaded.issues(), []);
});

test('issues of the text, the environment and the shape come in one go', () => {
  const loaded = read({
    '/w/conf/main.yaml': `count: x\nfile: "\${NONE}"\nfile: 5\nnested:\n  1: a\n  b: \${\nextra: 1\n`,
  });
  assert.equal(loaded.ok, false);
  assert.deepEqual(lines(loaded), [
    'conf/main.yaml:1:1 name is required',
    'conf/main.yaml:1:8 count must be a whole number, is a string',
    'conf/main.yaml:2:7 file needs the environment variable NONE, which is not set and has no default',
    'conf/main.yaml:3:1 file stands twice',
    'conf/main.yaml:5:3 nested["1"] is a key that is no string; put it in quotes',
    `conf/main.yaml:6:6 nested.b has a "\${" that is no \${NAME} or \${NAME:-default}; write "$\${" for the two characters themselves`,
    'conf/main.yaml:7:1 extra unknown key; known are name, file, directory, count, nested',
  ]);
  assert.equal(loaded.sound(['directory']), true);
  assert.equal(loaded.sound(['nested']), false);
  assert.equal(loaded.sound(['nested', 'c']), true);
  assert.equal(loaded.sound(['count', 'deeper']), false);
});

test('notes are kept apart from issues, each once', () => {
  const { ok, context, issues, notes } = read({ '/w/conf/main.yaml': 'name: a', '/w/conf/b.conf': '1' });
  for (const again of [1, 1, 2]) context.file('b.conf')?.noteAt?.(again, 'not supported');
  assert.deepEqual([ok, issues()], [true, []]);
  assert.deepEqual(notes(), [
    { file: 'conf/b.conf', line: 1, message: 'not supported' },
    { file: 'conf/b.conf', line: 2, message: 'not supported' },
  ]);
});

test('what came from the environment is repeated by no issue of those who build', () => {
  const loaded = read({ '/w/conf/main.yaml': `name: "\${A}"\nfile: "\${A}"\ndirectory: plain\n` }, { A: 'PLAN"TED' });
  const { context } = loaded;
  context.issue(['name'], 'unknown name "PLAN"TED"; known are a');
  context.at('file').file('PLAN"TED');
  context.issue(['directory'], '"plain" is too plain');
  assert.deepEqual(lines(loaded), [
    'conf/main.yaml:1:7 name unknown name "…"; known are a',
    'conf/main.yaml:2:7 file cannot read the file "…": it does not exist',
    'conf/main.yaml:3:12 directory "plain" is too plain',
  ]);
});

for (const [name, files, said] of [
  ['no file', {}, 'cannot read the file: it does not exist'],
  ['bytes that are no text', { '/w/conf/main.yaml': Uint8Array.of(0xc0) }, 'is not UTF-8'],
  ['a byte order mark', { '/w/conf/main.yaml': '\ufeffname: a' }, 'begins with a byte order mark; save it without one'],
  ['nothing in it', { '/w/conf/main.yaml': '' }, 'is empty'],
] as const) {
  test(`a config with ${name} is one issue`, () => {
    const loaded = read(files);
    assert.deepEqual(lines(loaded), [`conf/main.yaml:1:1 . ${said}`]);
    assert.equal(loaded.ok, false);
    assert.equal(loaded.config, undefined);
    assert.equal(loaded.sound(['name']), false);
    assert.match(loaded.fingerprint(), /^[0-9a-f]{64}$/);
  });
}

test('a scalar is no config, and nothing in it is sound', () => {
  const loaded = read({ '/w/conf/main.yaml': 'hello\n' });
  assert.deepEqual(lines(loaded), ['conf/main.yaml:1:1 . must be an object, is a string']);
  assert.equal(loaded.sound(['name']), false);
});

test('issues of building come to the option, or into the file that it names', () => {
  const loaded = read({
    '/w/conf/main.yaml': 'name: a\nfile: keys.yaml\nnested: {list: [x]}\n',
    '/w/conf/keys.yaml': 'keys:\n  - id: a\n',
    '/w/conf/bad.yaml': 'a: [\n',
  });
  const { context } = loaded;
  const file = context.at('file').file('keys.yaml');
  assert.deepEqual(JSON.parse(JSON.stringify(file?.document())), { keys: [{ id: 'a' }] });
  file?.issue(['keys', 0, 'id'], 'is taken');
  file?.issueAt(2, 'is odd');
  context.at('nested').at('list', 0).issue([], 'is unknown');
  context.issue(['nested', 'missing'], 'is needed');
  const bad = context.at('file').file('./bad.yaml');
  assert.equal(bad?.document(), undefined);
  assert.equal(bad?.document(), undefined);
  assert.deepEqual(lines(loaded), [
    'conf/bad.yaml:2:1 . invalid YAML: a [ or { is not closed, or what it holds stands too far to the left',
    'conf/keys.yaml:2:1 . is odd',
    'conf/keys.yaml:2:9 keys[0].id is taken',
    'conf/main.yaml:3:1 nested.missing is needed',
    'conf/main.yaml:3:17 nested.list[0] is unknown',
  ]);
  assert.deepEqual(loaded.files(), ['/w/conf/main.yaml', '/w/conf/keys.yaml', '/w/conf/bad.yaml']);
});

test('a file is read once, and what cannot be read is an issue wherever it is named', () => {
  let reads = 0;
  const files = memory({
    '/w/conf/main.yaml': 'name: a\nfile: b\n',
    '/w/conf/b': 'x',
    '/w/conf/latin': Uint8Array.of(0xe4),
  });
  const counting: Reader = {
    list: files.list,
    read: (file) => {
      reads += 1;
      return files.read(file);
    },
  };
  const loaded = load('conf/main.yaml', { shape, env: {}, cwd: '/w', reader: counting });
  const at = loaded.context.at('file');
  assert.equal(at.file('b')?.text, 'x');
  assert.equal(at.file('b'), at.file('b'));
  assert.equal(reads, 2);
  assert.equal(at.file('none'), undefined);
  assert.equal(loaded.context.at('name').file('none'), undefined);
  assert.equal(at.file('latin'), undefined);
  assert.equal(at.file(''), undefined);
  assert.equal(at.directory(''), undefined);
  assert.equal(at.directory('none'), undefined);
  assert.deepEqual(lines(loaded), [
    'conf/main.yaml:1:7 name cannot read the file "none": it does not exist',
    'conf/main.yaml:2:7 file cannot read the directory "none": it is not a directory',
    'conf/main.yaml:2:7 file cannot read the file "none": it does not exist',
    'conf/main.yaml:2:7 file names no directory',
    'conf/main.yaml:2:7 file names no file',
    'conf/main.yaml:2:7 file the file "latin" is not UTF-8',
  ]);
  assert.ok(loaded.files().includes('/w/conf/none'));
});

test('the fingerprint is that of the values and of all files, not of layout or place', () => {
  const print = (text: string, keys: string, env = {}, folder = '/w/conf'): string => {
    const files = { [`${folder}/main.yaml`]: text, [`${folder}/keys`]: keys };
    const loaded = load(`${folder}/main.yaml`, { shape, env, cwd: '/w', reader: memory(files) });
    loaded.context.at('file').file('keys');
    return loaded.fingerprint();
  };
  const base = print('name: a\n', 'k');
  assert.equal(print('# note\nname:   "a"\n', 'k'), base);
  assert.equal(print('name: a\n', 'k', {}, '/elsewhere'), base);
  assert.notEqual(print('name: b\n', 'k'), base);
  assert.notEqual(print('name: a\n', 'k2'), base);
  assert.equal(print(`name: "\${A}"\n`, 'k', { A: 'a' }), base);
  assert.notEqual(print(`name: "\${A}"\n`, 'k', { A: 'b' }), base);
});

function folder(context: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'load-'));
  context.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('a directory gives its regular files by name, through links and without dots', (context) => {
  const base = folder(context);
  mkdirSync(join(base, 'limits/..v1/sub'), { recursive: true });
  writeFileSync(join(base, 'limits/..v1/b.yaml'), 'b');
  writeFileSync(join(base, 'limits/..v1/a.yaml'), 'a');
  writeFileSync(join(base, 'limits/.hidden'), 'h');
  symlinkSync('..v1', join(base, 'limits/..data'));
  for (const name of ['a.yaml', 'b.yaml', 'sub', 'gone']) symlinkSync(`..data/${name}`, join(base, 'limits', name));
  writeFileSync(join(base, 'main.yaml'), 'name: a\ndirectory: limits\n');
  const loaded = load('main.yaml', { shape, env: {}, cwd: base });
  const files = loaded.context.at('directory').directory('limits');
  assert.deepEqual(
    files?.map(({ name, text }) => [name, text]),
    [
      ['limits/a.yaml', 'a'],
      ['limits/b.yaml', 'b'],
    ],
  );
  assert.deepEqual(loaded.issues(), []);
  const named = ['main.yaml', 'limits', 'limits/a.yaml', 'limits/b.yaml'].map((name) => join(base, name));
  assert.deepEqual(loaded.files(), named);
});

test('files that cannot be read are told apart, and a large one is not read', (context) => {
  const base = folder(context);
  const why = (name: string): string => {
    try {
      fileReader.read(join(base, name));
      return 'read';
    } catch (error) {
      return readFailure(error);
    }
  };
  symlinkSync('loop', join(base, 'loop'));
  writeFileSync(join(base, 'large'), new Uint8Array(maxFileBytes + 1));
  writeFileSync(join(base, 'most'), new Uint8Array(maxFileBytes));
  assert.equal(why('none'), 'it does not exist');
  assert.equal(why('.'), 'it is a directory');
  assert.equal(why('loop'), 'its links go in a circle');
  assert.equal(why('large'), 'it is larger than 64 MiB');
  assert.equal(why('most'), 'read');
  assert.equal(readFailure(failure('EIO')), 'EIO');
  assert.equal(readFailure('odd'), 'it cannot be read');
});
