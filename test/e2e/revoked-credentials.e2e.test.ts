// What a real provider and we ourselves gave out, taken back by `portcullis revoke` and refused through the real Envoy.
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { adminTokenFile } from '../../src/demo/keys.ts';
import { isAccount } from '../../src/demo/provider/accounts.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { openDemoStage } from '../support/demo-stage.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { type RevocationStage, revocationJourneys } from '../support/revocation-journeys.ts';

/** The demo's policy with a page that tells a browser's session. */
const revocable = (demo: string): string =>
  demo.replace(
    /^ {2}- id: echo\n.*?\n\n/ms,
    `  - id: echo
    match: { path: /echo }
    identity: [browser]
    upstream: { set_headers: { x-sid: "{claims.sid}" } }

`,
  );

let gateway: Gateway;
let browser: TestBrowser;
let stage: RevocationStage;
before(async () => {
  // One after the other: what has started is stopped, also when the next one does not start.
  gateway = await startGateway({ config: revocable });
  const tokenFile = join(gateway.folder, adminTokenFile);
  browser = await startBrowser();
  stage = {
    login: await openDemoStage(gateway, browser),
    place: { admin: `127.0.0.1:${gateway.ports.admin}`, tokenFile },
    token: (account) => gateway.token(isAccount(account) ? account : 'alice'),
  };
});
after(async () => {
  await Promise.all([browser?.close(), gateway?.stop()]);
});

for (const [name, walk] of Object.entries(revocationJourneys)) test(name, (context) => walk(stage, context));
