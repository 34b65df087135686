import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseAddress } from '../../core/address.ts';
import { openAddressTable } from '../../core/address-table.ts';
import type { FormatName } from './formats/index.ts';
import type { FeedLimits } from './gathering.ts';
import type { DocumentFacts, FeedReading } from './job.ts';
import { openPerformer } from './perform.ts';
import { findIn } from './table.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-feeds-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const anyList: FeedLimits = { maxEntries: 1000, keepSpecial: false };

interface Asked {
  readonly limits?: Partial<FeedLimits>;
  readonly floor?: number;
  readonly cache?: { readonly file: string; readonly facts: DocumentFacts };
}

const read = (format: FormatName, text: string, { limits, floor = 0, cache }: Asked = {}): FeedReading =>
  openPerformer().perform({
    kind: 'document',
    format,
    limits: { ...anyList, ...limits },
    floor,
    // In two pieces, as it comes over the net.
    chunks: [Buffer.from(text.slice(0, 5)), Buffer.from(text.slice(5))],
    cache,
  });

function good(reading: FeedReading) {
  assert.ok(reading.ok, reading.ok ? '' : reading.problem);
  const table = openAddressTable(reading.packed ?? assert.fail());
  const find = (text: string): string | undefined => findIn(table, parseAddress(text) ?? assert.fail(text));
  return { ...reading, find };
}
const problemOf = (reading: FeedReading): string => (reading.ok ? 'none' : reading.problem);

test('plain: addresses, prefixes and ranges, with comments and blanks', () => {
  const { find, entries } = good(
    read('plain', '# head\n\n198.51.100.7\r\n 203.0.113.0/24 ; why\n2001:db8::/32\t# six\n192.0.2.4 - 192.0.2.9\n'),
  );
  assert.equal(find('198.51.100.7'), '198.51.100.7');
  assert.equal(find('203.0.113.99'), '203.0.113.0/24');
  assert.equal(find('2001:db8:1::1'), '2001:db8::/32');
  assert.equal(find('192.0.2.3'), undefined);
  assert.equal(find('192.0.2.4'), '192.0.2.4/30');
  assert.equal(find('192.0.2.9'), '192.0.2.8/31');
  assert.equal(find('192.0.2.10'), undefined);
  assert.equal(entries, 5);
  assert.equal(good(read('plain', '')).entries, 0);
});

test('lines that cannot be read are left out, up to one in twenty', () => {
  const lines = Array.from({ length: 95 }, (_, at) => `198.51.100.${at}`);
  const bad = ['evil.example', '198.51.100.1/24', '1.2.3.4.5', '9.9.9.9-9.9.9.1', '2001:db8::1-2001:db8::5'];
  const { entries, unreadable } = good(read('plain', [...lines, ...bad].join('\n')));
  assert.deepEqual([entries, unreadable], [95, 5]);
  assert.equal(problemOf(read('plain', [...lines, ...bad, 'x'].join('\n'))), '6 of 101 entries cannot be read');
  assert.match(problemOf(read('plain', '<!doctype html>\n<title>502</title>\n')), /cannot be read/);
});

test('a list of whole continents is a mistake', () => {
  for (const line of ['0.0.0.0/0', '128.0.0.0/1', '8.0.0.0/7', '::/0', '2000::/3', '2a00::/12']) {
    assert.match(problemOf(read('plain', `198.51.100.1\n${line}\n`)), /shorter than any list/, line);
  }
  for (const line of ['8.0.0.0/8', '2a00::/16']) assert.equal(read('plain', line).ok, true, line);
});

test('ranges in which our own clients stand are left out, and cut out of what holds them', () => {
  const bogons = [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '127.0.0.1',
    '192.168.7.0/24',
    '224.0.0.0/3',
    '::1',
    'fe80::/10',
    'fc00::/7',
  ];
  const text = [...bogons, '192.0.0.0/8', '203.0.113.9'].join('\n');
  const { find, entries, special } = good(read('plain', text));
  assert.deepEqual([entries, special], [2, 8]);
  for (const own of ['10.1.2.3', '192.168.7.1', '192.168.200.1', '127.0.0.1', '::1', 'fe80::1']) {
    assert.equal(find(own), undefined, own);
  }
  assert.equal(find('192.1.2.3'), '192.0.0.0/8');
  assert.equal(find('203.0.113.9'), '203.0.113.9');
  const kept = good(read('plain', text, { limits: { keepSpecial: true } }));
  assert.equal(kept.find('192.168.200.1'), '192.0.0.0/8');
  assert.equal(kept.find('192.168.7.1'), '192.168.7.0/24');
  assert.equal(kept.find('250.0.0.1'), '224.0.0.0/3');
  assert.equal(kept.special, 0);
});

test('a list that is too long, or too short to be believed, is refused', () => {
  assert.equal(problemOf(read('plain', '9.9.9.1\n9.9.9.2\n', { limits: { maxEntries: 1 } })), 'more than 1 entries');
  const short = read('plain', '9.9.9.1\n9.9.9.2\n', { floor: 3 });
  assert.equal(problemOf(short), '2 entries, less than half of those in force');
  assert.equal(!short.ok && short.doubtful, true);
});

test('netset: a part of what the head promises is no list', () => {
  const head = '#\n# firehol_level1\n#\n# Entries         : 3 subnets, 1,234 unique IPs\n#\n';
  assert.equal(good(read('netset', `${head}9.9.9.0/24\n8.8.8.8\n7.7.7.7\n`)).entries, 3);
  assert.equal(problemOf(read('netset', `${head}9.9.9.0/24\n8.8.8.8\n`)), '2 of 3 entries came');
  assert.equal(good(read('netset', '# Entries : 1 unique IPs\n9.9.9.9\n# Entries : 9 unique IPs\n')).entries, 1);
  assert.equal(good(read('netset', '9.9.9.9\n')).entries, 1);
});

test('spamhaus: the metadata line says how many came', () => {
  const lines = [
    '{"cidr":"1.10.16.0/20","sblid":"SBL256894","rir":"apnic"}',
    '{"cidr":"2a06:e480::\\/29","sblid":"SBL1"}',
  ];
  const metadata = (records: number): string =>
    `{"type":"metadata","timestamp":1700000000,"size":2,"records":${records},"terms":"https://example.com"}`;
  const { find } = good(read('spamhaus', [...lines, metadata(2), ''].join('\n')));
  assert.equal(find('1.10.20.1'), '1.10.16.0/20');
  assert.equal(find('2a06:e481::1'), '2a06:e480::/29');
  assert.match(problemOf(read('spamhaus', [...lines, metadata(3)].join('\n'))), /^2 records came/);
  assert.match(problemOf(read('spamhaus', lines.join('\n'))), /no metadata line/);
  assert.match(problemOf(read('spamhaus', [lines[0], metadata(2)].join('\n'))), /^1 records came/);
  assert.match(problemOf(read('spamhaus', '<html></html>')), /cannot be read/);
});

test('a good document is kept as a whole, for nobody else to read, and is believed only as it was written', () => {
  const file = join(folder, 'cache', 'drop.feed');
  const facts: DocumentFacts = { atMs: 1_700_000_000_000, etag: '"1"', lastModified: undefined };
  assert.ok(read('plain', '9.9.9.9\n', { cache: { file, facts } }).ok);
  read('plain', 'junk\n', { cache: { file, facts } });
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(folder, 'cache')), ['drop.feed']);

  const kept = (): FeedReading =>
    openPerformer().perform({ kind: 'cached', format: 'plain', limits: anyList, file, maxBytes: 1000 });
  const reading = good(kept());
  assert.equal(reading.find('9.9.9.9'), '9.9.9.9');
  assert.deepEqual(reading.facts, facts);
  writeFileSync(file, readFileSync(file, 'utf8').replace('9.9.9.9', '8.8.8.8'));
  assert.equal(problemOf(kept()), 'the file in the cache is not what was written');
  rmSync(file);
  assert.equal(problemOf(kept()), 'there is nothing in the cache (ENOENT)');
});

test('a document that cannot be kept is good all the same', () => {
  const facts: DocumentFacts = { atMs: 0, etag: undefined, lastModified: undefined };
  writeFileSync(join(folder, 'no-directory'), '');
  const reading = good(read('plain', '9.9.9.9', { cache: { file: join(folder, 'no-directory', 'x'), facts } }));
  assert.match(reading.unkept ?? '', /^E/);
});

test('a file is read up to a size, and never waited for', () => {
  const file = join(folder, 'list.txt');
  const at = (path: string, maxBytes = 100): FeedReading =>
    openPerformer().perform({ kind: 'file', format: 'plain', limits: anyList, floor: 0, file: path, maxBytes });
  writeFileSync(file, '9.9.9.9\n');
  assert.equal(good(at(file)).entries, 1);
  assert.equal(problemOf(at(file, 7)), 'more than 7 bytes');
  assert.equal(problemOf(at(join(folder, 'none'))), 'the file cannot be read (ENOENT)');
  assert.match(problemOf(at(folder)), /EISDIR/);
});
