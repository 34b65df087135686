import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { test } from 'node:test';
import { textOf } from '../../src/demo/http-answer.ts';
import { listenOnLoopback } from '../../src/demo/servers.ts';
import { startIngress } from '../support/ingress.ts';
import { startSidecarProcess } from '../support/sidecar.ts';

const config = `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }
rules:
  - { id: reports, match: { path: /reports/** }, allow: anonymous, leaks: { response: [{ action: mask }] } }
`;
// Every card lies across two pieces of whatever size: its place differs from line to line.
const line = `${'x'.repeat(65_500)} 4111 1111 1111 1111 \n`;
const lines = 800;
const mebibyte = 1024 * 1024;

test('50 MB stream through in flat memory, and every card in them is masked', async () => {
  const upstream = await listenOnLoopback(0, async (asked, response) => {
    await textOf(asked);
    response.writeHead(200, { 'content-type': 'text/plain' });
    for (let count = 0; count < lines; count += 1) if (!response.write(line)) await once(response, 'drain');
    response.end();
  });
  const sidecar = await startSidecarProcess({ config });
  const edit = (text: string): string => text.replace('port_value: 9300', `port_value: ${upstream.port}`);
  const ingress = await startIngress({ bootstrap: 'process.yaml', grpc: sidecar.grpc, edit });
  const resident = (): Promise<number> => sidecar.metric('portcullis_process_resident_memory_bytes');
  try {
    const before = await resident();
    let [bytes, digits, peak] = [0, 0, before];
    for await (const piece of await open(ingress.port)) {
      bytes += piece.length;
      digits += piece.toString('latin1').split('1').length - 1;
      if (bytes % (10 * mebibyte) < piece.length) peak = Math.max(peak, await resident());
    }
    assert.equal(bytes, line.length * lines);
    // The last four digits of each card are left.
    assert.equal(digits, 4 * lines);
    assert.ok(peak - before < 128 * mebibyte, `${Math.round((peak - before) / mebibyte)} MiB more`);
  } finally {
    await ingress.stop();
    await sidecar.stop();
    await upstream.close();
  }
});

async function open(port: number): Promise<AsyncIterable<Buffer>> {
  const asked = request({ host: '127.0.0.1', port, path: '/reports/1', agent: false }).end();
  const [response]: readonly IncomingMessage[] = await once(asked, 'response');
  assert.ok(response?.statusCode === 200);
  return response;
}
