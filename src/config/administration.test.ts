import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordIssues } from '../../test/support/recording-context.ts';
import { buildAdmin } from './administration.ts';

const token = 'an-admin-token-of-enough-characters';
const traceUrl = 'http://localhost:16686/trace/{trace_id}';
const listen = { admin: { address: '127.0.0.1:9192', token_file: 'admin.token' } };

test('without a word nobody is an administrator, and revocations are kept for a month', () => {
  const { context, issues } = recordIssues();
  for (const none of [undefined, {}, { admin: '127.0.0.1:9192' }, { admin: { address: '127.0.0.1:9192' } }]) {
    assert.deepEqual(buildAdmin(none, undefined, undefined, context), {
      token: undefined,
      keepMs: 30 * 86_400_000,
      traceUrl: undefined,
    });
  }
  assert.deepEqual(issues, []);
});

test('a token is what the file holds, without the line break at its end', () => {
  const { context, issues } = recordIssues({ 'admin.token': `${token}\r\n` });
  assert.deepEqual(buildAdmin(listen, { keep: '1h' }, { trace_url: traceUrl }, context), {
    token,
    keepMs: 3_600_000,
    traceUrl,
  });
  assert.deepEqual(issues, []);
});

for (const [name, text] of [
  ['short', 'short-token'],
  ['of two lines', `${token}\n${token}`],
  ['of characters that no header carries', `${token} é`],
  ['empty', ''],
  ['huge', 'x'.repeat(2000)],
]) {
  test(`a token that is ${name} is an issue that does not repeat it`, () => {
    const { context, issues } = recordIssues({ 'admin.token': text ?? '' });
    assert.equal(buildAdmin(listen, undefined, undefined, context).token, undefined);
    assert.equal(issues.length, 1);
    assert.match(issues[0] ?? '', /^listen\.admin\.token_file must name a file with one token/);
    assert.ok(text === '' || !issues.join().includes(text ?? ''));
  });
}

test('a file that is not there and a time that is none are issues', () => {
  const { context, issues } = recordIssues();
  buildAdmin(listen, { keep: '1s' }, undefined, context);
  assert.deepEqual(issues.length, 2);
});

for (const url of [
  'http://localhost/trace',
  'javascript:alert({trace_id})',
  'http://a:b@host/{trace_id}',
  '{trace_id}',
]) {
  test(`${url} is nowhere to show traces`, () => {
    const { context, issues } = recordIssues();
    buildAdmin(undefined, undefined, { trace_url: url }, context);
    assert.match(issues.join(), /^dashboard\.trace_url must be an http or https URL/);
  });
}
