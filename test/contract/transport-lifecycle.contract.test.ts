import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials } from '@grpc/grpc-js';
import { silentLog } from '../../src/core/ports.ts';
import type { Listening, Method } from '../../src/server/transport.ts';
import { transports } from '../../src/server/transports/index.ts';
import { createAuthority } from '../support/certificates.ts';
import { officialClient } from '../support/official-client.ts';
import {
  checkName,
  denied,
  failsWith,
  gate,
  isDenied,
  official,
  serving,
  unary,
  watchName,
  withServer,
} from '../support/transport.ts';

const folder = await mkdtemp(join(tmpdir(), 'transports-'));
after(() => rm(folder, { recursive: true, force: true }));

for (const [name, transport] of Object.entries(transports)) {
  test(`${name}: drain lets every call under way end and takes no new one`, async () => {
    const started = gate();
    const release = gate();
    let running = 0;
    const row = unary(async () => {
      running += 1;
      if (running === 50) started.open();
      await release.opened;
      return denied;
    });
    await withServer(transport, row, async ({ listening, client }) => {
      const calls = Array.from({ length: 50 }, () => client.call(checkName, {}).answer);
      await started.opened;
      const drained = listening.drain(60_000);
      const late = officialClient(official, listening.address);
      await assert.rejects(late.call(checkName, {}).answer, failsWith('UNAVAILABLE'));
      late.close();
      release.open();
      for (const answer of await Promise.all(calls)) isDenied(answer);
      assert.equal(await drained, true);
      assert.equal(running, 50);
    });
  });

  test(`${name}: drain under load answers a call or refuses it before it begins`, async () => {
    let begun = 0;
    const row = unary(async () => {
      begun += 1;
      await new Promise(setImmediate);
      return denied;
    });
    await withServer(transport, row, async ({ listening, client }) => {
      let answered = 0;
      let refused = 0;
      const warm = gate();
      const load = async (): Promise<void> => {
        while (refused === 0) {
          try {
            isDenied(await client.call(checkName, {}).answer);
            answered += 1;
            if (answered === 200) warm.open();
          } catch (error) {
            assert.ok(failsWith('UNAVAILABLE')(error), String(error));
            refused += 1;
          }
        }
      };
      const loads = Array.from({ length: 16 }, load);
      await warm.opened;
      assert.equal(await listening.drain(60_000), true);
      await Promise.all(loads);
      assert.equal(answered, begun);
    });
  });

  test(`${name}: drain ends streams, and cuts off what does not end in time`, async () => {
    const started = gate();
    const never = gate();
    const row = unary(async () => {
      started.open();
      await never.opened;
      return denied;
    });
    await withServer(transport, row, async ({ listening, client }) => {
      const { answer } = client.call(checkName, {});
      const cut = assert.rejects(answer);
      await started.opened;
      assert.equal(await listening.drain(1), false);
      await cut;
    });
    const method: Method = {
      kind: 'server_stream',
      async *handle(_message, { signal }) {
        yield serving;
        if (!signal.aborted) await once(signal, 'abort');
      },
    };
    await withServer(transport, [`/${watchName}`, method], async ({ listening, client }) => {
      const { answers } = client.stream(watchName, {});
      await answers.next();
      const ended = assert.rejects(answers.next(), failsWith('UNAVAILABLE'));
      assert.equal(await listening.drain(60_000), true);
      await ended;
    });
  });

  test(`${name}: a unix socket is for owner and group; a stale one is replaced, a live one and a file are not`, async () => {
    const path = join(folder, `${name}.sock`);
    const address = `unix:${path}`;
    const options = { address };
    const row = unary(async () => denied);
    const stale = createServer();
    await once(stale.listen(path), 'listening');
    await assert.rejects(
      transport.listen(new Map(), { address, log: silentLog }),
      /unix:.*sock: the address is in use/,
    );
    await new Promise<void>((resolve) => stale.close(() => resolve()));
    await leaveSocket(path);
    await withServer(
      transport,
      row,
      async ({ listening, client }) => {
        assert.equal(listening.address, address);
        assert.equal((await stat(path)).mode & 0o777, 0o660);
        isDenied(await client.call(checkName, {}).answer);
      },
      options,
    );
    await assert.rejects(stat(path), /ENOENT/);
    await writeFile(path, 'a file');
    await assert.rejects(transport.listen(new Map(), { address, log: silentLog }), /is no socket/);
    await assert.rejects(
      transport.listen(new Map(), { address: `unix:${folder}/none/s`, log: silentLog }),
      /the directory does not exist/,
    );
  });

  test(`${name}: a taken port is an error that names the address`, async () => {
    const row = unary(async () => denied);
    await withServer(transport, row, async ({ listening: { address } }) => {
      await assert.rejects(transport.listen(new Map(), { address, log: silentLog }), {
        name: 'ListenError',
        message: `cannot listen on ${address}: the address is in use`,
      });
    });
  });

  test(`${name}: a host name and IPv6 are listened on, nonsense is refused`, async () => {
    const row = unary(async () => denied);
    await withServer(
      transport,
      row,
      async ({ listening }) => {
        const client = officialClient(official, listening.address);
        isDenied(await client.call(checkName, {}).answer);
        client.close();
      },
      { address: 'localhost:0' },
    );
    for (const address of ['9191', ':9191', 'localhost', '[1.2.3.4]:1', '127.0.0.1:65536', 'unix:relative', '']) {
      await assert.rejects(transport.listen(new Map(), { address, log: silentLog }), /neither "host:port" nor/);
    }
  });

  test(`${name}: who never finishes to shake hands holds up neither drain nor close`, async () => {
    const { issue } = await createAuthority();
    const tls = await issue('server');
    for (const end of [(listening: Listening) => listening.drain(50), (listening: Listening) => listening.close()]) {
      const listening = await transport.listen(new Map(), { address: '127.0.0.1:0', log: silentLog, tls });
      const stranger = connect({ port: Number(listening.address.split(':')[1]), host: '127.0.0.1' });
      stranger.on('error', () => {});
      await once(stranger, 'connect');
      // The server takes it a little later, and nobody can see when.
      await sleep(100);
      const beganMs = performance.now();
      await end(listening);
      assert.ok(performance.now() - beganMs < 2000);
      stranger.destroy();
    }
  });

  test(`${name}: TLS proves the server, mutual TLS the caller too`, async () => {
    const { ca, issue } = await createAuthority();
    const server = await issue('server');
    const caller = await issue('caller');
    const stranger = await (await createAuthority('another authority')).issue('caller');
    const row = unary(async () => denied);
    const callWith = async (address: string, identity?: { cert: string; key: string }): Promise<object> => {
      const channel = credentials.createSsl(
        Buffer.from(ca),
        identity === undefined ? null : Buffer.from(identity.key),
        identity === undefined ? null : Buffer.from(identity.cert),
      );
      // A name, because TLS has no server names for addresses.
      const client = officialClient(official, address.replace('127.0.0.1', 'localhost'), channel);
      return client.call(checkName, {}).answer.finally(() => client.close());
    };
    const refused = failsWith('UNAVAILABLE');
    await withServer(
      transport,
      row,
      async ({ listening, client }) => {
        isDenied(await callWith(listening.address));
        await assert.rejects(client.call(checkName, {}).answer, refused);
      },
      { tls: server },
    );
    await withServer(
      transport,
      row,
      async ({ listening }) => {
        isDenied(await callWith(listening.address, caller));
        await assert.rejects(callWith(listening.address), refused);
        await assert.rejects(callWith(listening.address, stranger), refused);
      },
      { tls: { ...server, clientCa: ca } },
    );
    for (const tls of [
      { ...server, key: caller.key },
      { ...server, cert: 'none' },
    ]) {
      await assert.rejects(
        transport.listen(new Map(), { address: '127.0.0.1:0', log: silentLog, tls }),
        /cannot listen on 127\.0\.0\.1:0: the TLS certificate/,
      );
    }
  });
}

// A server that dies leaves its file behind.
async function leaveSocket(path: string): Promise<void> {
  const program = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', program], { stdio: 'ignore' }), 'exit');
}
