// The shipped bootstrap behind one load balancer, changed as its own comment says.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { projectRoot } from '../../src/demo/gateway.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

let gateway: Gateway;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-balancer-'));
  const bootstrap = join(folder, 'envoy.yaml');
  const shipped = await readFile(join(projectRoot, 'envoy', 'demo.yaml'), 'utf8');
  await writeFile(bootstrap, replaced(shipped, 'xff_num_trusted_hops: 0', 'xff_num_trusted_hops: 1'));
  const inside = '{ id: inside, match: { path: /inside }, allow: anonymous, require: { address: [10.0.0.0/8] } }';
  gateway = await startGateway({
    bootstrap,
    config: (demo) =>
      replaced(
        replaced(demo, '\nrules:\n', `\nrules:\n  - ${inside}\n`),
        'client_address: { from: peer }',
        'client_address: { from: x-forwarded-for, trusted_hops: 2 }',
      ),
  });
});
after(async () => {
  await gateway?.stop();
  await rm(folder, { recursive: true, force: true });
});

function replaced(text: string, part: string, by: string): string {
  assert.ok(text.includes(part), `there is no ${part}`);
  return text.replace(part, by);
}

// An inside address passes on to the API, which has no such path; another one is denied.
const cases: readonly (readonly [forwarded: string | undefined, status: number])[] = [
  ['10.1.2.3', 404],
  ['203.0.113.9, 10.1.2.3', 404],
  ['::ffff:10.1.2.3', 404],
  ['10.1.2.3, 203.0.113.9', 403],
  ['10.1.2.3, unknown', 403],
  ['10.1.2.3, fe80::1%eth0', 403],
  ['not-an-ip', 403],
  [undefined, 403],
];

for (const [forwarded, status] of cases) {
  test(`what the balancer appended counts: ${forwarded ?? 'nothing'}`, async () => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    assert.equal((await gateway.send({ path: '/inside', headers })).status, status);
  });
}
