import assert from 'node:assert/strict';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { isTest, readSources } from './sources.ts';

// An export is a promise to other files: what none of them uses is private to its own.
const sources = readSources('src', 'test');

const declaration = /^export (?:async )?(?:function\*?|const|let|class|interface|type) ([A-Za-z_$][\w$]*)/gm;
const list = /^(?:import|export) (?:type )?\{([^}]*)\}(?: from '([^']+)')?/gm;
const lateMember = /\(await import\('([^']+)'\)\)\.([A-Za-z_$][\w$]*)/g;
const lateList = /\{([^{}]*)\} = await import\('([^']+)'\)/g;

/** The names in braces: as the other file knows them, and as this one does. */
const namesIn = (braces: string): readonly (readonly [theirs: string, ours: string])[] =>
  braces
    .split(',')
    .map((item) => item.trim().replace(/^type /, ''))
    .filter((item) => item !== '')
    .map((item) => item.split(/ as |: /))
    .map(([theirs = '', ours = theirs]) => [theirs, ours]);

const place = (path: string, name: string): string => `${path} ${name}`;

/** What a file exports, re-exports too. */
const exportsOf = (text: string): readonly string[] => [
  ...[...text.matchAll(declaration)].flatMap(([, name]) => name ?? []),
  ...[...text.matchAll(list)]
    .filter(([statement]) => statement.startsWith('export'))
    .flatMap(([, braces = '']) => namesIn(braces).map(([, ours]) => ours)),
];

/** What a file takes from others, to use it or to hand it on. */
function usesOf(path: string, text: string): readonly string[] {
  const at = (specifier: string): string => normalize(join(dirname(path), specifier));
  return [
    ...[...text.matchAll(list), ...text.matchAll(lateList)].flatMap(([, braces = '', from]) =>
      from?.startsWith('.') ? namesIn(braces).map(([theirs]) => place(at(from), theirs)) : [],
    ),
    ...[...text.matchAll(lateMember)].map(([, from = '', name = '']) => place(at(from), name)),
  ];
}

const used = new Set(sources.flatMap(({ path, text }) => usesOf(path, text)));

test('every export of src is used in another file', () => {
  const unused = sources
    .filter(({ path }) => !isTest(path))
    .flatMap(({ path, text }) => exportsOf(text).map((name) => place(path, name)))
    .filter((name) => !used.has(name));
  assert.deepEqual(unused, []);
});

test('no file takes or gives all names at once, so that these tests see every use', () => {
  const whole = sources.filter(({ text }) => /^(?:import|export) \* /m.test(text)).map(({ path }) => path);
  assert.deepEqual(whole, []);
});
