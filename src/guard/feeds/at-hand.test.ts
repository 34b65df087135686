import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseAddress } from '../../core/address.ts';
import { feedsAtHand } from './at-hand.ts';
import { keepDocument } from './cache.ts';
import type { FeedSource, FeedSpec } from './feed.ts';
import { cacheName } from './sources/document.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-feeds-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const outbound = { allowHttp: false, allowedHosts: undefined, ca: undefined, timeoutMs: 5000, maxBytes: 1000 };
const ofFile = (name: string): FeedSource => ({
  kind: 'file',
  file: join(folder, name),
  maxBytes: 1000,
  timeoutMs: 10,
});
const ofUrl: FeedSource = { kind: 'url', url: 'https://lists.example/a', headers: [], outbound };
const spec = (name: string, source: FeedSource): FeedSpec => ({
  ...{ name, list: 'deny', format: 'plain', source, refreshMs: 1000, cacheDir: folder },
  limits: { maxEntries: 10, keepSpecial: false },
});
const nine = parseAddress('9.9.9.9') ?? assert.fail();

test('files are read at once, and what is wrong with them is known', () => {
  writeFileSync(join(folder, 'good'), '9.9.9.0/24\n');
  writeFileSync(join(folder, 'bad'), 'junk\n');
  const feeds = feedsAtHand({ files: true, cache: false });
  assert.equal(feeds.resolve(spec('good', ofFile('good'))).find(nine), '9.9.9.0/24');
  assert.match(feeds.resolve(spec('bad', ofFile('bad'))).fault ?? '', /cannot be read/);
  assert.match(feeds.resolve(spec('gone', ofFile('gone'))).fault ?? '', /ENOENT/);
  assert.deepEqual(
    feeds.seen().map(({ name, seen }) => [name, seen.kind]),
    [
      ['good', 'file'],
      ['bad', 'nothing'],
      ['gone', 'nothing'],
    ],
  );
  const resting = feedsAtHand({ files: false, cache: false }).resolve(spec('gone', ofFile('gone')));
  assert.deepEqual([resting.fault, resting.find(nine)], [undefined, undefined]);
});

test('of a URL the cache is known, if it is asked for, and else nothing', () => {
  const one = spec('url', ofUrl);
  const facts = { atMs: 1000, etag: undefined, lastModified: undefined };
  assert.deepEqual(feedsAtHand({ files: true, cache: true }).resolve(one).fault, undefined);
  keepDocument(join(folder, cacheName(one)), facts, Buffer.from('9.9.9.9\n'));
  const feeds = feedsAtHand({ files: true, cache: true });
  assert.equal(feeds.resolve(one).find(nine), '9.9.9.9');
  assert.deepEqual(feeds.seen(), [{ name: 'url', seen: { kind: 'cache', takenMs: 1000 } }]);
  assert.equal(feedsAtHand({ files: true, cache: false }).resolve(one).find(nine), undefined);
});
