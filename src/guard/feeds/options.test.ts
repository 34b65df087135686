import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { readFeeds } from './options.ts';

const url = 'https://lists.example/list.txt';
function read(options: object, list: 'deny' | 'allow' = 'deny') {
  const { context, issues } = recordIssues({ key: 'k-123\n', bad: 'two\nlines\n' });
  const [feed] = readFeeds(list, { one: options }, '/var/cache/feeds', context);
  return { feed, issues };
}

test('a feed has defaults by its format', () => {
  const hours = (count: number): number => count * 3_600_000;
  for (const [format, refreshMs] of [
    [undefined, hours(1)],
    ['netset', hours(1)],
    ['spamhaus', hours(12)],
    ['crowdsec', 10_000],
  ] as const) {
    const { feed, issues } = read({ url, ...(format && { format }) });
    assert.deepEqual(issues, []);
    assert.deepEqual([feed?.mode, feed?.spec.format, feed?.spec.refreshMs], ['enforce', format ?? 'plain', refreshMs]);
  }
  const { feed } = read({ file: 'list.txt', max_bytes: '1KiB', special_purpose: 'keep', max_entries: 3 });
  assert.deepEqual(feed?.spec, {
    ...{ name: 'one', list: 'deny', format: 'plain', refreshMs: 10_000, cacheDir: '/var/cache/feeds' },
    source: { kind: 'file', file: 'list.txt', maxBytes: 1024, timeoutMs: 10_000 },
    limits: { maxEntries: 3, keepSpecial: true },
  });
});

test('a key is sent in its header, beside others', () => {
  const headersOf = (options: object) => {
    const { feed, issues } = read({ url, ...options });
    assert.deepEqual(issues, []);
    return feed?.spec.source.kind === 'url' ? feed.spec.source.headers : undefined;
  };
  assert.deepEqual(headersOf({ key_file: 'key' }), [['x-api-key', 'k-123']]);
  assert.deepEqual(headersOf({ key_file: 'key', key_header: 'Key', headers: { Accept: 'text/plain' } }), [
    ['accept', 'text/plain'],
    ['key', 'k-123'],
  ]);
});

test('what cannot be meant is an issue', () => {
  for (const [options, issue] of [
    [{}, /^one needs a url or a file/],
    [{ url, file: 'a' }, /^one needs a url or a file/],
    [{ url: 'http://lists.example/' }, /^one.url must be https/],
    [{ url: 'https://user:pass@lists.example/' }, /^one.url must not hold a user/],
    [{ url: 'https://169.254.169.254/x' }, /^one.url must not be a link-local/],
    [{ file: 'a', format: 'crowdsec' }, /^one.format crowdsec needs a url/],
    [{ file: 'a', key_file: 'key' }, /^one.key_file has no meaning with file/],
    [{ url, format: 'csv' }, /^one.format must be one of plain, netset, spamhaus, crowdsec/],
    [{ url, refresh: '10ms' }, /^one.refresh must be a duration/],
    [{ url, key_header: 'key' }, /^one.key_header has no meaning without/],
    [{ url, key_file: 'bad' }, /^bad:1 must hold the key/],
    [{ url, key_file: 'none' }, /^one.key_file cannot read/],
    [{ url, headers: { host: 'a' } }, /^one.headers.host is no header that can be sent/],
    [{ url, headers: { accept: 'a\nb' } }, /^one.headers.accept is no value/],
  ] as const) {
    assert.match(read(options).issues.join(), issue, JSON.stringify(options));
  }
});
