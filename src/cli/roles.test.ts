import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { runCommands } from '../../test/support/command-line.ts';
import { rolesCommand } from './roles.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-roles-'));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'keys.yaml'), 'keys: []\n');
const file = join(folder, 'portcullis.yaml');
writeFileSync(
  join(folder, 'bindings.yaml'),
  `
bindings:
  - { principal: users/alice, roles: [reader] }
  - { principal: users/alice, roles: [admin], tenant: acme }
  - { group: users/staff, roles: [editor], tenant: globex }
`,
);
writeFileSync(
  file,
  `
version: 1
identity:
  users:
    jwt: { issuer: "https://idp.example", groups_claim: groups, audience: [a], algorithms: [ES256], jwks: { url: "https://idp.example/jwks" } }
  others:
    jwt: { issuer: "https://other.example", audience: [a], algorithms: [ES256], jwks: { url: "https://idp.example/jwks" } }
  mapped:
    jwt:
      issuer: "https://mapped.example"
      audience: [a]
      algorithms: [ES256]
      jwks: { url: "https://idp.example/jwks" }
      groups_claim: groups
      roles_map: { Boss: [admin], Desk: [reader], admin: [] }
  partners: { api_key: { keys_file: keys.yaml } }
roles:
  reader: { permissions: ["orders:read"] }
  editor: { inherits: [reader], permissions: ["orders:write"] }
  admin: { inherits: [editor], permissions: ["reports:*"] }
bindings: { file: bindings.yaml }
deny:
  - { id: frozen, match: { path: /frozen/** }, when: { not: { role: admin } } }
rules:
  - { id: health, match: { path: /healthz }, allow: anonymous }
  - { id: read, match: { path: /orders, methods: [GET] }, identity: [users, others], require: { permission: "orders:read" } }
  - { id: write, match: { path: /orders, methods: [PUT] }, identity: [users], require: { permission: "orders:write", scope: orders } }
  - { id: tenant, match: { path: "/{tenant}/orders" }, identity: { all_of: [users, partners] }, require: { permission: "orders:write", tenant: path.tenant }, mode: shadow }
  - { id: others, match: { path: /others }, identity: { first_of: [others] }, optional: true }
`,
);

const run = (context: TestContext, args: readonly string[]) =>
  runCommands(context, (print) => [rolesCommand({ print })], ['roles', ...args]);

test('the tables say which role may do what', async (context) => {
  const { code, out } = await run(context, [file]);
  assert.equal(code, 0);
  assert.equal(
    out,
    `
roles
  reader  orders:read
  editor  orders:write, all of reader
  admin   reports:*, all of editor, reader
permissions
                (no role)  reader  editor  admin
  orders:read   no         yes     yes     yes
  orders:write  no         no      yes     yes
  reports:*     no         no      no      yes
rules: open to
                   (no role)  reader  editor  admin
  health           yes        yes     yes     yes
  read             no         yes     yes     yes
  write            no         no      more    more
  tenant (shadow)  no         no      more*   more
  others           yes        yes     yes     yes
denied, or * where it may be, by deny rules
  tenant  frozen
what rules ask for
  health  /healthz: anyone
  read    GET /orders: users, others with permission orders:read
  write   PUT /orders: users with permission orders:write and scope orders
  tenant  /{tenant}/orders: users with permission orders:write and tenant path.tenant
  others  /others: others or nobody
deny rules: hold for
          (no role)  reader  editor  admin
  frozen  yes        yes     yes     no
what deny rules are about
  frozen  /frozen/**, when not (role admin)
bindings
  users/alice        reader
  users/alice        admin in acme
  group users/staff  editor in globex
`.trim(),
  );
});

test('one principal has a column for each tenant in which it holds more', async (context) => {
  const { out } = await run(context, [file, '--principal', 'users/alice', '--groups', 'staff, x']);
  assert.equal(
    out,
    `
principal users/alice holds
  everywhere  reader
  in acme     reader, admin
  in globex   reader, editor
permissions
                everywhere  in acme  in globex
  orders:read   yes         yes      yes
  orders:write  no          yes      yes
  reports:*     no          yes      no
rules: open to
                   everywhere  in acme  in globex
  health           yes         yes      yes
  read             yes         yes      yes
  write            no          no       no
  tenant (shadow)  no          yes*     yes*
  others           no          no       no
denied, or * where it may be, by deny rules
  tenant  frozen
what rules ask for
  health  /healthz: anyone
  read    GET /orders: users, others with permission orders:read
  write   PUT /orders: users with permission orders:write and scope orders
  tenant  /{tenant}/orders: users with permission orders:write and tenant path.tenant
  others  /others: others or nobody
deny rules: hold for
          everywhere  in acme  in globex
  frozen  yes         yes      yes
what deny rules are about
  frozen  /frozen/**, when not (role admin)
`.trim(),
  );
});

test('roles that a credential states are added', async (context) => {
  const { out } = await run(context, [file, '--principal', 'others/bob', '--roles', 'admin', '--json']);
  const { principal, columns, rules, deny } = JSON.parse(out);
  assert.equal(principal, 'others/bob');
  assert.deepEqual(columns, [{ name: 'everywhere', holds: ['admin'] }]);
  assert.deepEqual(
    rules.map(({ id, open }: { id: string; open: object }) => [id, ...Object.values(open)]),
    [
      ['health', 'yes'],
      ['read', 'yes'],
      ['write', 'no'],
      ['tenant', 'no'],
      ['others', 'yes'],
    ],
  );
  assert.deepEqual(deny[0].holds, { everywhere: 'no' });
});

const denying = join(folder, 'denying.yaml');
writeFileSync(join(folder, 'both.yaml'), 'bindings: [{ principal: users/both, roles: [admin, banned] }]\n');
writeFileSync(
  denying,
  `
version: 1
identity: { users: { api_key: { keys_file: keys.yaml } } }
roles: { admin: { permissions: ["orders:read"] }, banned: {} }
bindings: { file: both.yaml }
deny:
  - { id: frozen, match: { path: /frozen/** } }
  - { id: banned, when: { role: banned } }
  - { id: deletes, match: { path: "/orders/{id}", methods: [DELETE] } }
  - { id: abroad, match: { path: /reports }, when: { not: { address: [10.0.0.0/8] } } }
  - { id: watched, match: { path: /** }, mode: shadow }
rules:
  - { id: frozen, match: { path: "/frozen/{name}" }, allow: anonymous }
  - { id: orders, match: { path: /orders/** }, identity: [users], require: { permission: "orders:read" } }
  - { id: reports, match: { path: /reports }, identity: [users], require: { role: admin, scope: reports } }
  - { id: open, match: { path: /open }, allow: anonymous }
`,
);

test('what deny rules refuse is not told to be open', async (context) => {
  const { out } = await run(context, [denying]);
  assert.ok(
    out.includes(
      `
rules: open to
           (no role)  admin   banned
  frozen   denied     denied  denied
  orders   no         yes*    no
  reports  no         more*   no
  open     yes        yes     yes
denied, or * where it may be, by deny rules
  frozen   frozen
  orders   deletes
  reports  abroad
what rules ask for
`.trim(),
    ),
    out,
  );
});

test('what is always refused to a principal is denied, though it has the role that a rule asks for', async (context) => {
  const { rules } = JSON.parse((await run(context, [denying, '--principal', 'users/both', '--json'])).out);
  assert.deepEqual(
    rules.map(({ id, open, deniedBy }: Record<string, object>) => [id, Object.values(open ?? {}).join(), deniedBy]),
    [
      ['frozen', 'denied', ['frozen']],
      ['orders', 'denied', ['banned', 'deletes']],
      ['reports', 'denied', ['banned', 'abroad']],
      // It looks at no credential: nobody is banned there.
      ['open', 'yes', []],
    ],
  );
});

test('roles and groups that a credential states become ours by the map of its identity', async (context) => {
  for (const [args, holds] of [
    [['--roles', 'Boss'], ['admin']],
    [['--roles', 'admin'], []],
    [
      ['--roles', 'Desk', '--groups', 'Boss,unheard-of'],
      ['reader', 'admin'],
    ],
  ] as const) {
    const { out } = await run(context, [file, '--principal', 'mapped/bob', ...args, '--json']);
    assert.deepEqual(JSON.parse(out).columns, [{ name: 'everywhere', holds }]);
  }
});

test('many roles make several tables of at most 100 columns', async (context) => {
  const wide = join(folder, 'wide.yaml');
  const names = Array.from({ length: 40 }, (_, index) => `a role with the number ${index}`);
  const roles = Object.fromEntries(names.map((name) => [name, { permissions: ['orders:read'] }]));
  const rules = [{ id: 'r'.repeat(63), match: { path: '/x' }, allow: 'anonymous' }];
  writeFileSync(wide, JSON.stringify({ version: 1, roles, rules }));
  const lines = (await run(context, [wide])).out.split('\n');
  assert.deepEqual(
    lines.filter(({ length }) => length > 100),
    [],
  );
  assert.equal(lines.filter((line) => line.startsWith('  orders:read')).length, 11);
});

test('a config with issues gives them, and exit code 2', async (context) => {
  const bad = join(folder, 'bad.yaml');
  writeFileSync(bad, 'version: 1\nrules: []\nbindings: { file: gone.yaml }\n');
  const { code, out } = await run(context, [bad, '--json']);
  assert.equal(code, 2);
  assert.deepEqual(
    JSON.parse(out).issues.map(({ path }: { path: string }) => path),
    ['bindings.file'],
  );
});

for (const [name, args, message] of [
  ['a principal without an identity', ['--principal', 'alice'], /a principal is IDENTITY\/ID/],
  [
    'an unknown identity',
    ['--principal', 'user/alice'],
    /unknown identity "user"; did you mean "users"\?; known are users, /,
  ],
  [
    'an unknown role',
    ['--principal', 'users/a', '--roles', 'reader,raeder'],
    /unknown role of users "raeder"; did you mean "reader"/,
  ],
  [
    'a role beside the map',
    ['--principal', 'mapped/a', '--roles', 'reader'],
    /unknown role of mapped "reader".*known are Boss, Desk, admin/,
  ],
  ['groups that nobody reads', ['--principal', 'others/a', '--groups', 'x'], /others knows no groups/],
  ['roles of nobody', ['--roles', 'a'], /need --principal/],
  ['no file', [], /missing required argument 'file'/],
] as const) {
  test(`a command line with ${name} is refused with exit code 2`, async (context) => {
    const { code, err } = await run(context, name === 'no file' ? args : [file, ...args]);
    assert.equal(code, 2);
    assert.match(err, message);
  });
}

test('the help has examples', async (context) => {
  assert.match((await run(context, ['--help'])).out, /Examples:\n {2}portcullis roles/);
});
