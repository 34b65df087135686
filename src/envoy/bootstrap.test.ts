import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { type Adaptation, adaptBootstrap } from './bootstrap.ts';
import { SetupProblem } from './problem.ts';

const folder = join(import.meta.dirname, '..', '..', 'envoy');
const shipped = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

type Leaf = readonly [path: string, value: unknown];

function leaves(value: unknown, path = ''): readonly Leaf[] {
  if (value === null || typeof value !== 'object') return [[path, value]];
  return Object.entries(value).flatMap(([name, member]) => leaves(member, `${path}/${name}`));
}

/** Every port and path of a bootstrap moved somewhere else. */
function everythingElsewhere(text: string): Required<Adaptation> {
  const found = leaves(parse(text));
  const ports = found.filter(([path]) => /\/(port_value|port_redirect)$/.test(path)).map(([, port]) => Number(port));
  return {
    ports: new Map(ports.map((port) => [port, port + 20_000])),
    addresses: new Map([['127.0.0.1', '127.0.0.9']]),
    paths: new Map([['.demo', '/else where/"demo"']]),
  };
}

const inverse = <K, V>(map: ReadonlyMap<K, V>): ReadonlyMap<V, K> => new Map([...map].map(([from, to]) => [to, from]));

for (const { name, text } of shipped) {
  test(`${name}: ports, addresses and paths change, and nothing else`, () => {
    const adapted = adaptBootstrap(text, everythingElsewhere(text));
    const [before, after] = [leaves(parse(text)), leaves(parse(adapted))];
    assert.deepEqual(
      after.map(([path]) => path),
      before.map(([path]) => path),
    );
    const changed = after.filter(([, value], at) => value !== before[at]?.[1]).map(([path]) => path);
    const mayChange =
      /\/(port_value|port_redirect|socket_address\/address|path_config_source\/path|watched_directory\/path|trusted_ca\/filename)$/;
    assert.deepEqual(
      changed.filter((path) => !mayChange.test(path)),
      [],
    );
    assert.deepEqual(
      before.map(([path]) => path).filter((path) => mayChange.test(path)),
      changed,
      'every one of them has moved',
    );
  });

  test(`${name}: comments, order and spelling stay`, () => {
    const strip = (source: string): string =>
      source.replace(/\b\d{4,5}\b|"?127\.0\.0\.[19]"?|"?\.?\/?\w*demo\/tls[^ ]*/g, '_');
    const { ports, addresses } = everythingElsewhere(text);
    assert.equal(strip(adaptBootstrap(text, { ports, addresses })), strip(text));
    assert.equal(adaptBootstrap(adaptBootstrap(text, { ports }), { ports: inverse(ports) }), text);
  });

  test(`${name}: an adaptation that names nothing of it changes not a character`, () => {
    assert.equal(adaptBootstrap(text, {}), text);
    assert.equal(adaptBootstrap(text, { ports: new Map([[1, 2]]), paths: new Map([['elsewhere', '/x']]) }), text);
  });
}

test('a folder stands for what is in it, and not for what begins like it', () => {
  const adapt = (line: string): string => adaptBootstrap(line, { paths: new Map([['.demo', '/tmp/a b']]) });
  assert.equal(
    adapt('path_config_source: { path: .demo/tls/x.yaml }'),
    'path_config_source: { path: "/tmp/a b/tls/x.yaml" }',
  );
  assert.equal(adapt('watched_directory: { path: .demo }'), 'watched_directory: { path: "/tmp/a b" }');
  assert.equal(
    adapt('certificate_chain: { filename: .demo/a.pem }'),
    'certificate_chain: { filename: "/tmp/a b/a.pem" }',
  );
  for (const kept of ['filename: .demonstration/a', 'match: { path: .demo }', 'name: .demo']) {
    assert.equal(adapt(kept), kept);
  }
});

test('addresses that are no socket addresses stay', () => {
  const adapt = (line: string): string => adaptBootstrap(line, { addresses: new Map([['127.0.0.1', 'sidecar']]) });
  assert.equal(adapt('socket_address: { address: 127.0.0.1 }'), 'socket_address: { address: "sidecar" }');
  assert.equal(adapt('address: 127.0.0.1'), 'address: 127.0.0.1');
  assert.equal(adapt('domains: [127.0.0.1]'), 'domains: [127.0.0.1]');
});

test('what is no YAML is a problem of the setup', () => {
  assert.throws(() => adaptBootstrap('a: [', {}), SetupProblem);
});
