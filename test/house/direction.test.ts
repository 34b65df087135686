import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTest, readSources, type Source } from './sources.ts';

const sources = readSources('src').filter(({ path }) => !isTest(path));
const folderOf = (path: string): string => path.split('/')[1] ?? '';

/** Which folders of src a folder may import besides itself; main.ts and cli put everything together. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  store: ['core'],
  outbound: ['core'],
  guard: ['core', 'outbound'],
  authn: ['core', 'outbound'],
  authz: ['core'],
  limit: ['core'],
  inspect: ['core'],
  sinks: ['core'],
  audit: ['core', 'outbound', 'sinks'],
  'access-log': ['core', 'sinks'],
  detect: ['core', 'outbound'],
  live: ['core'],
  telemetry: ['core'],
  wire: ['core'],
  flow: ['core', 'wire'],
  server: ['core', 'wire', 'telemetry'],
  config: ['core', 'guard', 'authn', 'authz', 'limit', 'inspect', 'audit', 'access-log', 'detect', 'telemetry'],
  envoy: [],
  demo: ['envoy', 'authn'],
  cli: [
    'core',
    'flow',
    'server',
    'config',
    'store',
    'outbound',
    'guard',
    'limit',
    'inspect',
    'authn',
    'authz',
    'audit',
    'access-log',
    'detect',
    'sinks',
    'live',
    'telemetry',
    'envoy',
    'demo',
  ],
  'main.ts': ['cli'],
};

/** In which folders an npm package may be imported. */
const packages: Readonly<Record<string, readonly string[]>> = {
  jose: ['authn'],
  'lru-cache': ['authn'],
  'openid-client': ['authn'],
  undici: ['outbound'],
  ioredis: ['store'],
  ajv: ['inspect', 'config'],
  'ajv-formats': ['inspect'],
  re2js: ['inspect'],
  '@datadog/native-appsec': ['inspect'],
  '@seriousme/openapi-schema-validator': ['inspect'],
  graphql: ['inspect'],
  'sanitize-html': ['inspect'],
  saxes: ['inspect'],
  yaml: ['config', 'envoy', 'demo'],
  pino: ['telemetry'],
  commander: ['cli', 'main.ts'],
  '@grpc/grpc-js': ['server'],
  'oidc-provider': ['demo'],
  '@peculiar/x509': ['demo'],
  'reflect-metadata': ['demo'],
};
const packageFolders = (name: string): readonly string[] =>
  name.startsWith('@opentelemetry/') ? ['telemetry', 'sinks'] : (packages[name] ?? []);
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

test('every folder of src has its line in the table of directions', () => {
  const folders = new Set(sources.map(({ path }) => folderOf(path)));
  assert.deepEqual(
    [...folders].filter((folder) => !Object.hasOwn(allowed, folder)),
    [],
  );
});

test('folders import only what the direction allows', () => {
  const wrong = sources.flatMap(({ path, imports }) =>
    imports.flatMap(({ target }) => {
      if (target === undefined) return [];
      const [from, to] = [folderOf(path), folderOf(target)];
      return from === to || allowed[from]?.includes(to) ? [] : [`${path} imports ${target}`];
    }),
  );
  assert.deepEqual(wrong, []);
});

test('no direction is allowed that nothing takes', () => {
  const taken = new Set(
    sources.flatMap(({ path, imports }) => imports.map(({ target }) => `${folderOf(path)} ${folderOf(target ?? '')}`)),
  );
  const idle = Object.entries(allowed).flatMap(([from, targets]) => targets.map((to) => `${from} ${to}`));
  assert.deepEqual(
    idle.filter((direction) => !taken.has(direction)),
    [],
  );
});

test('only compile.ts and the schema see the tables of several rooms', () => {
  const rooms = new Set(['guard', 'authn', 'authz', 'limit', 'inspect', 'audit', 'telemetry']);
  const roomsSeen = (source: Source): Set<string> =>
    new Set(source.imports.flatMap(({ target }) => (target === undefined ? [] : [folderOf(target)]))).intersection(
      rooms,
    );
  const seers = sources
    .filter((source) => folderOf(source.path) === 'config' && roomsSeen(source).size > 1)
    .map(({ path }) => path);
  assert.deepEqual(seers.toSorted(), ['src/config/compile.ts', 'src/config/config.ts', 'src/config/rule.ts']);
});

test('generated protobuf types stay in wire', () => {
  const wrong = sources.flatMap(({ path, imports }) =>
    imports
      .filter(({ target }) => target?.startsWith('src/wire/gen/') && folderOf(path) !== 'wire')
      .map(({ target }) => `${path} imports ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test('npm packages stay in their rooms', () => {
  const wrong = sources.flatMap(({ path, imports }) =>
    imports
      .filter(({ specifier, target }) => target === undefined && !specifier.startsWith('node:'))
      .filter(({ specifier }) => !packageFolders(packageOf(specifier)).includes(folderOf(path)))
      .map(({ specifier }) => `${path} imports ${specifier}`),
  );
  assert.deepEqual(wrong, []);
});

test('no package is allowed in a room that does not take it', () => {
  const taken = new Set(
    sources.flatMap(({ path, imports }) => imports.map(({ specifier }) => `${packageOf(specifier)} ${folderOf(path)}`)),
  );
  const idle = Object.entries(packages).flatMap(([name, folders]) => folders.map((folder) => `${name} ${folder}`));
  assert.deepEqual(
    idle.filter((use) => !taken.has(use)),
    [],
  );
});

test('no import cycles', () => {
  const graph = new Map(
    sources.map(({ path, imports }) => [path, imports.flatMap(({ target }) => (target === undefined ? [] : [target]))]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) cycles.push([...way.slice(way.indexOf(path)), path].join(' → '));
    if (done.has(path) || way.includes(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  assert.deepEqual(cycles, []);
});
