// What a real provider and we ourselves gave out, taken back by `portcullis revoke` and refused through the real Envoy.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isAccount } from '../../src/demo/provider/accounts.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { openDemoStage } from '../support/demo-stage.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { type RevocationStage, revocationJourneys } from '../support/revocation-journeys.ts';

let folder: string;
let gateway: Gateway;
let browser: TestBrowser;
let stage: RevocationStage;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-revoked-'));
  const tokenFile = join(folder, 'admin.token');
  await writeFile(tokenFile, 'admin-token-0123456789-0123456789-abcdef');
  // One after the other: what has started is stopped, also when the next one does not start.
  gateway = await startGateway({ config: (demo) => revocable(demo, tokenFile) });
  browser = await startBrowser();
  stage = {
    login: await openDemoStage(gateway, browser),
    place: { admin: `127.0.0.1:${gateway.ports.admin}`, tokenFile },
    token: (account) => gateway.token(isAccount(account) ? account : 'alice'),
  };
});
after(async () => {
  await Promise.all([browser?.close(), gateway?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

/** The demo's policy with an admin API that takes things back, and a page that tells a browser's session. */
const revocable = (demo: string, tokenFile: string): string =>
  demo.replace(/^ {2}admin: ("[^"]*")$/m, `  admin: { address: $1, token_file: "${tokenFile}" }`).replace(
    /^ {2}- id: echo\n.*?\n\n/ms,
    `  - id: echo
    match: { path: /echo }
    identity: [browser]
    upstream: { set_headers: { x-sid: "{claims.sid}" } }

`,
  );

for (const [name, walk] of Object.entries(revocationJourneys)) test(name, (context) => walk(stage, context));
