import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultOfUrl } from './url.ts';

const anywhere = { allowHttp: false, allowedHosts: undefined };

test('https goes anywhere, http to loopback only', () => {
  for (const url of [
    'https://idp.example/jwks',
    'http://127.0.0.1:9400/x',
    'http://127.8.9.1/',
    'http://[::1]:1/',
    'http://localhost/',
  ]) {
    assert.equal(faultOfUrl(url, anywhere), undefined, url);
  }
  for (const url of [
    'http://idp.example/jwks',
    'http://127.0.0.1.evil.example/',
    'http://10.0.0.1/',
    'http://0.0.0.0/',
  ]) {
    assert.match(faultOfUrl(url, anywhere) ?? '', /https/, url);
    assert.equal(faultOfUrl(url, { ...anywhere, allowHttp: true }), undefined, url);
  }
});

test('some URLs are never asked (row 36)', () => {
  const refused = [
    'http://169.254.169.254/latest',
    'https://169.254.169.254/',
    'http://2852039166/',
    'https://[fe80::1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://[64:ff9b::169.254.169.254]/',
    'https://[2002:a9fe:a9fe::1]/',
    'https://100.100.100.200/latest/meta-data',
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'data:application/json,{}',
    'https://user:password@idp.example/',
    'https://idp.example/#x',
    '/jwks',
    'https://idp.example/jwks\r\nx: y',
    'https://[fd00:ec2::254]/',
    '',
  ];
  for (const url of refused) assert.notEqual(faultOfUrl(url, { ...anywhere, allowHttp: true }), undefined, url);
});
