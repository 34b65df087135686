import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthority } from '../../test/support/certificates.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { openReader } from '../core/options.ts';
import { readOutbound } from './options.ts';

const { ca } = await createAuthority();
const files = {
  'ca.pem': `# ours\n${ca}\n${ca}`,
  'key.pem': '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
  'broken.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
};

function read(options: object, url = 'https://IDP.example:8443/x') {
  const { context, issues } = recordIssues(files);
  const reader = openReader(options, (path, message) => context.issue(path, message));
  const urls = [{ option: 'issuer', url, called: 'the issuer' }];
  return { issues, options: readOutbound(reader, context, { timeout: '1s', maxBytes: 10, urls }) };
}

test('the hosts of URLs in the config may be asked, others when they are listed', () => {
  const { options, issues } = read({ allowed_hosts: ['keys.example', '[::1]', '10.0.0.1:444', 'a.example:443'] });
  assert.deepEqual(issues, []);
  assert.deepEqual(options.allowedHosts, ['10.0.0.1:444', '[::1]', 'a.example:443', 'idp.example', 'keys.example']);
  assert.deepEqual(read({}, '').options, {
    allowHttp: false,
    allowedHosts: [],
    ca: undefined,
    timeoutMs: 1000,
    maxBytes: 10,
  });
});

test('what is no host is an issue', () => {
  for (const host of [
    'https://a.example',
    'A.example',
    'a.example/',
    'a b',
    '*.example',
    'u@a.example',
    'a.example:',
    '',
  ]) {
    assert.match(read({ allowed_hosts: [host] }).issues.join(), /^allowed_hosts\.0 must be a host/, host);
  }
});

test('authorities are PEM certificates, and nothing else goes along', () => {
  const { options, issues } = read({ ca_file: 'ca.pem' });
  assert.deepEqual(issues, []);
  assert.equal(options.ca, `${ca.trim()}\n${ca.trim()}`);
  for (const name of ['key.pem', 'broken.pem']) {
    assert.deepEqual(read({ ca_file: name }).issues, [`${name}: must hold PEM certificates`]);
  }
  assert.deepEqual(read({ ca_file: 'none.pem' }).issues, ['ca_file cannot read none.pem']);
});

test('a URL that may not be asked is an issue where it stands', () => {
  assert.match(read({}, 'http://idp.example').issues.join(), /^issuer the issuer must be https/);
  assert.deepEqual(read({ allow_http: true }, 'http://idp.example').issues, []);
});
