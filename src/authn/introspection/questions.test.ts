import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authnDeps, openTime } from '../../../test/support/authn.ts';
import { createAuthority } from '../../../test/support/certificates.ts';
import { openIntrospectionServer, sendJson } from '../../../test/support/introspection-server.ts';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { readClient } from '../provider-side/client/index.ts';
import { openQuestions } from './questions.ts';

const { cert, key } = await (await createAuthority()).issue('gateway');
const files = { 'cert.pem': cert, 'key.pem': key };

async function askAs(client: object, server: Awaited<ReturnType<typeof openIntrospectionServer>>): Promise<string> {
  const questions = openQuestions(
    {
      identity: 'opaque',
      issuer: server.origin,
      url: undefined,
      client: readClient({ id: 'gateway', ...client }, recordIssues(files).context),
      outbound: { allowHttp: false, allowedHosts: ['127.0.0.1'], ca: undefined, timeoutMs: 5000, maxBytes: 10_000 },
    },
    authnDeps(openTime()),
  );
  const answer = await questions.ask('token', undefined, () => true);
  assert.equal(answer.kind, 'inactive');
  return server.questions.at(-1)?.path ?? '';
}

test('who proves itself by a certificate asks the endpoint that is for that, where there is one', async (context) => {
  const server = await openIntrospectionServer();
  context.after(server.close);
  let aliases: object | undefined = { introspection_endpoint: `${server.origin}/over-tls` };
  server.stage(({ path }, response) => {
    if (!path.startsWith('/.well-known/')) return sendJson(response, { active: false });
    sendJson(response, {
      issuer: server.origin,
      introspection_endpoint: server.url,
      mtls_endpoint_aliases: aliases,
    });
  });
  const byCertificate = { cert_file: 'cert.pem', key_file: 'key.pem' };
  assert.equal(await askAs(byCertificate, server), '/over-tls');
  assert.equal(await askAs({ secret: 's' }, server), '/introspect');
  aliases = {};
  assert.equal(await askAs(byCertificate, server), '/introspect');
  aliases = undefined;
  assert.equal(await askAs(byCertificate, server), '/introspect');
});
