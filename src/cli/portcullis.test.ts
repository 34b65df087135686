import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { requestSchema } from '../config/request.ts';
import { isObject } from '../core/json.ts';

// The real command line, as npx starts it.
const binary = join(import.meta.dirname, '..', '..', 'bin', 'portcullis.js');
const folder = mkdtempSync(join(tmpdir(), 'portcullis-cli-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function portcullis(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [binary, ...args], {
    cwd: folder,
    input,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

let key = '';
before(() => {
  const minted = JSON.parse(portcullis(['key', 'new', '--owner', 'acme', '--roles', 'reader', '--json']).stdout);
  key = minted.key;
  writeFileSync(join(folder, 'keys.yaml'), JSON.stringify({ keys: [minted.entry] }));
  writeFileSync(
    join(folder, 'good.yaml'),
    `
version: 1
identity: { partners: { api_key: { header: x-api-key, keys_file: keys.yaml } } }
roles: { reader: { permissions: ["orders:read"] } }
limits: { each: { key: api_key, rate: 2/m } }
rules:
  - { id: new, match: { path: "/orders/{id}" }, allow: anonymous, mode: shadow }
  - id: orders
    match: { path: "/orders/{id}", methods: [GET] }
    identity: [partners]
    require: { permission: "orders:read" }
    limits: [each]
tests:
  - { name: nobody, request: { path: /orders/1 }, expect: { deny: 401 } }
  - { name: wrong, request: { path: /orders/1 }, expect: { allow: orders } }
`,
  );
  writeFileSync(join(folder, 'bad.yaml'), 'version: 2\nrules:\n  - { id: a, match: { path: x }, alow: anonymous }\n');
});

test('a good config is valid, a bad one gives every issue at its place and exit code 2', () => {
  assert.deepEqual(portcullis(['validate', 'good.yaml']), {
    status: 0,
    stdout: 'good.yaml: ok, 2 rules\n',
    stderr: '',
  });
  const { status, stdout } = portcullis(['validate', 'bad.yaml']);
  assert.equal(status, 2);
  const places = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').slice(0, 2).join(' '));
  assert.deepEqual(places, [
    'bad.yaml:1:10 version',
    'bad.yaml:3:5 rules[0]',
    'bad.yaml:3:29 rules[0].match.path',
    'bad.yaml:3:34 rules[0].alow',
  ]);
});

test('the help of explain names all that a request can have', () => {
  const { stdout } = portcullis(['explain', '--help']);
  const { properties } = requestSchema;
  const known = Object.keys(isObject(properties) ? properties : {});
  assert.ok(known.includes('certificate'));
  assert.deepEqual(
    known.filter((name) => !new RegExp(`\\b${name}\\b`).test(stdout.split('Examples:')[0] ?? '')),
    [],
  );
});

test('explain tells the whole story of an allow', () => {
  const request = JSON.stringify({ path: '/orders/7', headers: { 'x-api-key': key, 'x-user': 'root' } });
  const { status, stdout } = portcullis(['explain', 'good.yaml', '-'], request);
  assert.equal(status, 0);
  for (const part of [
    /decision +allow/,
    /new +matches {2}id=7 {2}\(shadow\)/,
    /orders +matches {2}id=7/,
    /partners +api_key in header x-api-key: an API key of our form/,
    /key +partners\/acme/,
    /roles +reader/,
    /authorize +pass +permission=orders:read/,
    /limit\.each\.remaining=1/,
    /x-user: acme/,
    /removed before the upstream\n +x-api-key/,
    /ratelimit: "each";r=1/,
  ]) {
    assert.match(stdout, part);
  }
  assert.ok(!stdout.includes(key));
});

test('explain tells why not, and the same to programs', () => {
  const text = portcullis(['explain', 'good.yaml', '-'], '{ "path": "/orders/7", "method": "POST" }').stdout;
  assert.match(text, /orders +no: another method/);
  assert.match(text, /reason +no_rule \(the caller sees: forbidden\)/);
  const request = JSON.stringify({ path: '/orders/7', headers: { 'x-api-key': key } });
  const { stdout } = portcullis(['explain', 'good.yaml', '-', '--json'], request);
  const story = JSON.parse(stdout);
  assert.equal(story.decision.effect, 'allow');
  assert.deepEqual(story.principal.roles, ['reader']);
  assert.deepEqual(story.credentials, [
    { identity: 'partners', kind: 'api_key', places: ['header x-api-key'], found: 'an API key of our form' },
  ]);
  assert.deepEqual(story.rules[1], { rule: 'orders', mode: 'enforce', matches: true, parameters: { id: '7' } });
  assert.ok(!stdout.includes(key));
});

test('explain shows no credential that the call would carry', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(folder, 'signing.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
  writeFileSync(
    join(folder, 'signed.yaml'),
    `
version: 1
signing: { issuer: gateway, key_files: [signing.pem] }
identity: { partners: { api_key: { keys_file: keys.yaml } } }
rules:
  - { id: all, match: { path: /** }, identity: [partners], upstream: { identity_token: { audience: orders } } }
`,
  );
  const request = JSON.stringify({ path: '/', headers: { 'x-api-key': key } });
  for (const form of [[], ['--json']]) {
    const { status, stdout } = portcullis(['explain', 'signed.yaml', '-', ...form], request);
    assert.equal(status, 0);
    assert.match(stdout, /x-identity-token[\s\S]*\(secret\)/);
    assert.ok(!stdout.includes('eyJ') && !stdout.includes(key));
  }
});

test('explain says which roles are bound', () => {
  const config = readFileSync(join(folder, 'good.yaml'), 'utf8');
  writeFileSync(join(folder, 'bound.yaml'), `${config}bindings: { file: bindings.yaml }\n`);
  const entry = { principal: 'partners/acme', roles: ['reader'], tenant: 'north' };
  writeFileSync(join(folder, 'bindings.yaml'), JSON.stringify({ bindings: [entry] }));
  const request = JSON.stringify({ path: '/orders/7', headers: { 'x-api-key': key } });
  assert.match(
    portcullis(['explain', 'bound.yaml', '-'], request).stdout,
    /bound +reader in north {2}\(partners\/acme\)/,
  );
  const { principal, bindings } = JSON.parse(portcullis(['explain', 'bound.yaml', '-', '--json'], request).stdout);
  assert.deepEqual([principal.roles, principal.groups, principal.tenant_roles], [['reader'], [], {}]);
  assert.deepEqual(bindings, [{ kind: 'principal', subject: 'partners/acme', roles: ['reader'], tenant: 'north' }]);
});

test('explain without a sound config and request gives the issues of both', () => {
  const { status, stdout } = portcullis(['explain', 'bad.yaml', '-', '--json'], '{}');
  assert.equal(status, 2);
  const files = JSON.parse(stdout).issues.map(({ file }: { file: string }) => file);
  assert.ok(files.includes('bad.yaml') && files.includes('standard input'));
});

test('test runs the tests of a config and fails with those that do not hold', () => {
  const { status, stdout } = portcullis(['test', 'good.yaml']);
  assert.equal(status, 1);
  assert.match(
    stdout,
    /^ok {3}nobody\nFAIL wrong: expected allow by orders, got deny 401 credential_missing\n1 passed, 1 failed\n$/,
  );
  assert.equal(portcullis(['test', 'bad.yaml']).status, 2);
});

test('serve refuses a bad config with every issue and exit code 2', () => {
  const { status, stderr } = portcullis(['serve', 'bad.yaml']);
  assert.equal(status, 2);
  assert.equal(stderr.trimEnd().split('\n').length, 4);
});

test('a value is a value, though it begins as an option of ours does', () => {
  const where = ['--admin', '127.0.0.1:1', '--token-file', 'good.yaml', '--identity', 'partners'];
  for (const jti of ['-V5c1b', '-h5c1b', '--version', '--help']) {
    const { status, stdout, stderr } = portcullis(['revoke', ...where, '--token', jti]);
    assert.deepEqual([status === 0, stdout], [false, ''], jti);
    assert.match(stderr, /^error: /);
  }
});

test('help needs no room of the house: who asks how to call us does not wait for all that serves', () => {
  const told = `import { registerHooks } from 'node:module';
registerHooks({ load: (url, context, next) => { process.stderr.write(url + '\\n'); return next(url, context); } });`;
  const { stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(told)}`, binary, '--help'],
    { encoding: 'utf8' },
  );
  const folders = [...stderr.matchAll(/\/src\/([a-z]+)\//g)].map(([, folder]) => folder);
  assert.deepEqual([...new Set(folders)].toSorted(), ['cli', 'config', 'core', 'demo', 'envoy']);
  assert.ok(!/node_modules\/(?!commander\/)/.test(stderr));
});

test('every command has help with examples', () => {
  for (const command of [
    ['serve'],
    ['validate'],
    ['explain'],
    ['test'],
    ['roles'],
    ['key', 'new'],
    ['revoke'],
    ['schema'],
    ['demo'],
  ]) {
    const { status, stdout } = portcullis([...command, '--help']);
    assert.equal(status, 0);
    assert.match(stdout, /Examples:/, command.join(' '));
  }
});
