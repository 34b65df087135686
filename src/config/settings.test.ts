import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordIssues } from '../../test/support/recording-context.ts';
import { buildListen, buildRedis } from './settings.ts';

test('without a word we listen on loopback and count in memory', () => {
  const { context, issues } = recordIssues();
  assert.deepEqual(buildListen(undefined, context), {
    grpc: { address: '127.0.0.1:9191', tls: undefined, transport: 'grpc-js' },
    admin: '127.0.0.1:9192',
    public: undefined,
    accessLog: undefined,
  });
  assert.deepEqual(buildRedis(undefined, context), { url: undefined, timeoutMs: 20 });
  assert.deepEqual(issues, []);
});

test('an address alone, or an object with certificates from files', () => {
  const { context } = recordIssues({ 'cert.pem': 'CERT', 'key.pem': 'KEY', 'ca.pem': 'CA' });
  assert.equal(buildListen({ grpc: 'unix:/run/a.sock' }, context).grpc.address, 'unix:/run/a.sock');
  const tls = { cert: 'cert.pem', key: 'key.pem' };
  const server = buildListen(
    { grpc: { address: '0.0.0.0:9191', tls }, admin: '127.0.0.1:1', public: '[::1]:2' },
    context,
  );
  assert.deepEqual([server.admin, server.public], ['127.0.0.1:1', '[::1]:2']);
  assert.deepEqual(server.grpc.tls, { cert: 'CERT', key: 'KEY', clientCa: undefined });
  const mutual = buildListen({ grpc: { address: '0.0.0.0:9191', tls: { ...tls, client_ca: 'ca.pem' } } }, context);
  assert.equal(mutual.grpc.tls?.clientCa, 'CA');
});

test('a certificate that is not there, a URL of something else and no time at all are issues', () => {
  const { context, issues } = recordIssues();
  buildListen({ grpc: { address: '0.0.0.0:9191', tls: { cert: 'cert.pem', key: 'key.pem' } } }, context);
  buildRedis({ url: 'http://redis:6379', timeout: '0s' }, context);
  assert.equal(issues.length, 4);
});
