import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { startLoad } from '../support/load.ts';
import { getPage, seriesOf } from '../support/sidecar.ts';
import { openTls, readAll } from '../support/tls.ts';

let gateway: Gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway?.stop());

/** The serial number of the certificate that a new connection is shown; the connection is verified against the CA. */
async function served(): Promise<string> {
  const socket = await openTls(gateway);
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}
const isServed = (serial: string): Promise<void> =>
  waitFor({ what: 'the new certificate is served', holds: async () => (await served()) === serial });
const stat = async (name: string): Promise<number> =>
  seriesOf((await getPage(`http://127.0.0.1:${gateway.ports.envoyAdmin}/stats`)).body, `${name}:`);

test('new connections get the new certificate, none fails meanwhile, and the old connections live on', async () => {
  const first = await served();
  const http1 = await openTls(gateway);
  const old = await openTls(gateway, { ALPNProtocols: ['h2'] });
  const http2 = connectHttp2(gateway.url, { createConnection: () => old });
  try {
    const load = startLoad(2, served);
    const serials = [first];
    try {
      await load.more(10);
      for (let turn = 0; turn < 3; turn += 1) {
        const serial = await gateway.pki.rotate();
        await isServed(serial);
        serials.push(serial);
        await load.more(10);
      }
    } finally {
      await load.stop();
    }
    // One after the other, and never one that was replaced before.
    const order = load.results.map((serial) => serials.indexOf(serial));
    assert.equal(order.includes(-1), false);
    // Two connections at once may cross, by one certificate.
    const inOrder = order.every((index, at) => at === 0 || index >= Math.max(...order.slice(0, at)) - 1);
    assert.ok(inOrder, order.join(' '));
    assert.equal(new Set(serials).size, 4);

    const stream = http2.request({ ':path': '/healthz' });
    const status = await new Promise((resolve, reject) => {
      stream.on('response', (answer) => resolve(answer[':status'])).on('error', reject);
      stream.resume().end();
    });
    assert.equal(status, 200);
    http1.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    assert.match(await readAll(http1), /^HTTP\/1\.1 200 /);
    assert.equal(gateway.envoy.hasEnded(), false);
  } finally {
    http2.destroy();
    http1.destroy();
  }
});

test('a file that holds no certificate leaves the last good one in force', async () => {
  const before = await served();
  const place = join(gateway.folder, 'tls', 'server.yaml');
  await writeFile(`${place}.new`, 'resources: [{"@type": nonsense}]\n');
  await rename(`${place}.new`, place);
  const refused = async (): Promise<boolean> =>
    (await stat('sds.server.update_failure')) + (await stat('sds.server.update_rejected')) > 0;
  await waitFor({ what: 'it is refused', holds: refused });
  assert.equal(await served(), before);
  await isServed(await gateway.pki.rotate());
});
