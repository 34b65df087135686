import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { type Ingress, startIngress } from '../support/ingress.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';
import { jwksOf, makeKey, signToken } from '../support/tokens.ts';

const config = `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }
identity:
  users:
    jwt:
      issuer: "https://idp.example"
      audience: [orders]
      algorithms: [ES256]
      jwks: { file: jwks.json }
      groups_claim: groups
      tenant_roles_claim: tenants
      roles_map: { idp-reader: [reader], suspended: [banned] }
roles:
  reader: { permissions: ["orders:read"] }
  editor: { inherits: [reader], permissions: ["orders:write"] }
  banned: {}
bindings: { file: bindings.yaml }
deny:
  - { id: banned, when: { role: banned } }
  - { id: frozen, match: { path: /echo/frozen } }
rules:
  - { id: open, match: { path: "/echo/{name}", methods: [DELETE] }, allow: anonymous }
  - id: strong
    match: { path: /echo/strong }
    identity: [users]
    require: { step_up: { acr: ["urn:example:mfa"], max_age: 5m } }
  - id: own
    match: { path: "/echo/users/{user}" }
    identity: [users]
    require: { equal: [principal.id, path.user] }
  - id: tenant
    match: { path: "/echo/{tenant}" }
    identity: [users]
    require: { permission: "orders:write", tenant: path.tenant }
`;
/** What the API answers to paths that it does not have: the request has reached it. */
const reached = 404;
const bindingsOf = (...entries: readonly object[]): string => JSON.stringify({ bindings: entries });
const key = makeKey('ES256', 'es');
const nowSeconds = Math.floor(Date.now() / 1000);
const token = (claims: object): string =>
  signToken(key, { iss: 'https://idp.example', aud: 'orders', sub: 'alice', exp: nowSeconds + 3600, ...claims });

let folder: string;
let sidecar: SidecarProcess;
let ingress: Ingress;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-access-'));
  await writeFile(join(folder, 'portcullis.yaml'), config);
  await writeFile(join(folder, 'jwks.json'), JSON.stringify(jwksOf(key)));
  await writeFile(join(folder, 'bindings.yaml'), bindingsOf());
  sidecar = await startSidecarProcess({ config: { file: join(folder, 'portcullis.yaml') } });
  ingress = await startIngress({ grpc: sidecar.grpc });
});
after(async () => {
  await ingress?.stop();
  await sidecar?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const ask = (path: string, claims?: object, method = 'GET') =>
  ingress.send({ method, path, headers: claims === undefined ? {} : { authorization: `Bearer ${token(claims)}` } });
const statusOf = async (path: string, claims?: object, method = 'GET'): Promise<number> =>
  (await ask(path, claims, method)).status;

test('a role of one tenant is worth nothing in another, however its name is spelt', async () => {
  const claims = { tenants: { acme: ['editor'], globex: ['idp-reader'] }, roles: ['idp-reader'] };
  // The map drops what it does not name, in tenants too.
  assert.equal(await statusOf('/echo/acme', claims), 403);
  await writeFile(join(folder, 'portcullis.yaml'), config.replace(/( +)roles_map/, '$1unmapped: keep\n$&'));
  await waitFor({ what: 'roles are kept', holds: async () => (await statusOf('/echo/acme', claims)) === reached });
  for (const path of ['/echo/globex', '/echo/Acme', '/echo/acme%20', '/echo/initech', '/echo/__proto__']) {
    assert.equal(await statusOf(path, claims), 403, path);
  }
});

test('a binding is in force without a restart, and gone without one', async () => {
  const staff = { groups: ['staff'] };
  assert.equal(await statusOf('/echo/globex', staff), 403);
  await writeFile(
    join(folder, 'bindings.yaml'),
    bindingsOf({ group: 'users/staff', roles: ['editor'], tenant: 'globex' }),
  );
  await waitFor({
    what: 'the binding is in force',
    holds: async () => (await statusOf('/echo/globex', staff)) === reached,
  });
  assert.equal(await statusOf('/echo/acme', staff), 403);
  // A file with an issue changes nothing.
  await writeFile(join(folder, 'bindings.yaml'), bindingsOf({ group: 'users/staff', roles: ['edtor'] }));
  const refused = async (): Promise<boolean> => (await sidecar.metric('portcullis_last_reload_successful')) === 0;
  await waitFor({ what: 'the bad file is refused', holds: refused });
  assert.equal(await statusOf('/echo/globex', staff), reached);
  await writeFile(join(folder, 'bindings.yaml'), bindingsOf());
  await waitFor({ what: 'the binding is gone', holds: async () => (await statusOf('/echo/globex', staff)) === 403 });
});

test('deny rules win over roles and over rules that take anyone', async () => {
  assert.equal(await statusOf('/echo/users/alice', {}), reached);
  assert.equal(await statusOf('/echo/users/alice', { roles: ['suspended'] }), 403);
  assert.equal(await statusOf('/echo/thawed', undefined, 'DELETE'), reached);
  assert.equal(await statusOf('/echo/frozen', undefined, 'DELETE'), 403);
  const decided = async (): Promise<boolean> =>
    (await sidecar.audit()).some(({ unmapped: { portcullis } }) => portcullis['reason'] === 'denied_by_rule');
  await waitFor({ what: 'the denial is written', holds: decided });
});

test('what is another’s stays so', async () => {
  assert.equal(await statusOf('/echo/users/%61lice', {}), reached);
  for (const user of ['bob', 'Alice', 'alice%20']) assert.equal(await statusOf(`/echo/users/${user}`, {}), 403, user);
});

test('a weak or an old login is challenged as RFC 9470 says, a strong and recent one passes', async () => {
  const strong = { acr: 'urn:example:mfa', auth_time: nowSeconds };
  assert.equal(await statusOf('/echo/strong', strong), reached);
  for (const claims of [{}, { ...strong, acr: 'urn:example:pwd' }, { ...strong, auth_time: nowSeconds - 3600 }]) {
    const { status, headers } = await ask('/echo/strong', claims);
    assert.equal(status, 401);
    assert.equal(
      headers['www-authenticate'],
      'Bearer error="insufficient_user_authentication", acr_values="urn:example:mfa", max_age="300"',
    );
  }
});
