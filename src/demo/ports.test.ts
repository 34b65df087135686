import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { SetupProblem } from '../envoy/problem.ts';
import { demoPorts, ensureFree, portNames, portsFrom, portVariables, readPorts } from './ports.ts';

test('without variables every port is the default', () => {
  const ports = readPorts({});
  for (const name of portNames) assert.equal(ports[name], demoPorts[name].port);
  assert.deepEqual(readPorts({ PORTCULLIS_DEMO_HTTPS_PORT: '' }), ports);
});

test('each port has a variable of its own', () => {
  assert.equal(new Set(portNames.map((name) => demoPorts[name].variable)).size, portNames.length);
  for (const name of portNames) {
    assert.equal(readPorts({ [demoPorts[name].variable]: '20001' })[name], 20_001);
  }
  const moved = portsFrom((name) => demoPorts[name].port + 10_000);
  assert.deepEqual(readPorts(portVariables(moved)), moved);
});

for (const text of ['0', '65536', '-1', '80a', '1e3', ' 80', '8443.0', '123456']) {
  test(`${JSON.stringify(text)} is no port`, () => {
    assert.throws(() => readPorts({ PORTCULLIS_DEMO_IDP_PORT: text }), /PORTCULLIS_DEMO_IDP_PORT is .*not a port/);
  });
}

test('two things cannot have one port', () => {
  assert.throws(() => readPorts({ PORTCULLIS_DEMO_IDP_PORT: '8443' }), /HTTPS_PORT and .*IDP_PORT are both 8443/);
});

test('a taken port is named with its variable', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : 0;
  const ports = portsFrom((name) => (name === 'admin' ? taken : 0));
  await assert.rejects(ensureFree(ports), (error: unknown) => {
    assert.ok(error instanceof SetupProblem);
    assert.match(error.message, new RegExp(`^Port ${taken} .*PORTCULLIS_DEMO_ADMIN_PORT[^\n]*$`));
    return true;
  });
  await new Promise((resolve) => server.close(resolve));
  await ensureFree(ports);
});
