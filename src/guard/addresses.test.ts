import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aBan, openBansOf, principal } from '../../test/support/bans.ts';
import { noFeeds, scriptedFeeds } from '../../test/support/feeds.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { parseAddress } from '../core/address.ts';
import { type AddressesOptions, buildAddressGate } from './addresses.ts';

function build(options: AddressesOptions | undefined, files: Readonly<Record<string, string>> = {}) {
  const { context, issues } = recordIssues(files);
  const { gate } = buildAddressGate(options, context, noFeeds);
  return { issues, refusal: (text: string) => gate(parseAddress(text), () => {}) };
}

const droplist = `; a list as it is published
# also this way
198.51.100.0/24 ; SBL1
2001:db8:bad::/48\t# six

203.0.113.5\r
`;

test('nothing configured refuses nobody', () => {
  for (const options of [undefined, {}, { deny: [], allow_files: [] }]) {
    const { refusal, issues } = build(options);
    assert.equal(refusal('198.51.100.1'), undefined);
    assert.equal(refusal('unknown'), undefined);
    assert.deepEqual(issues, []);
  }
});

test('a denied prefix is named', () => {
  const { refusal } = build({ deny: ['198.51.100.0/24', '2001:db8::/32'] });
  assert.deepEqual(refusal('198.51.100.1')?.detail, {
    client_address: '198.51.100.1',
    list: 'addresses.deny',
    prefix: '198.51.100.0/24',
  });
  assert.equal(refusal('198.51.100.1')?.reason, 'address_blocked');
  assert.equal(refusal('::ffff:198.51.100.1')?.reason, 'address_blocked');
  assert.equal(refusal('2001:db8::1')?.detail['prefix'], '2001:db8::/32');
  assert.equal(refusal('198.51.101.1'), undefined);
});

test('an exception wins, whichever prefix is longer', () => {
  const { refusal } = build({ deny: ['10.0.0.0/8', '10.1.1.1'], allow: ['10.1.0.0/16'] });
  assert.equal(refusal('10.1.1.1'), undefined);
  assert.equal(refusal('10.2.0.1')?.reason, 'address_blocked');
});

test('a client whose address nobody knows is refused while something is denied', () => {
  assert.equal(build({ deny: ['10.0.0.0/8'] }).refusal('')?.reason, 'address_blocked');
  assert.equal(build({ deny_files: ['empty.txt'] }, { 'empty.txt': '' }).refusal('')?.reason, 'address_blocked');
});

test('files hold a prefix a line and comments', () => {
  const { refusal, issues } = build(
    { deny_files: ['drop.txt'], allow_files: ['ok.txt'] },
    { 'drop.txt': droplist, 'ok.txt': '198.51.100.7' },
  );
  assert.deepEqual(issues, []);
  assert.equal(refusal('198.51.100.1')?.detail['list'], 'drop.txt');
  assert.equal(refusal('2001:db8:bad::1')?.detail['prefix'], '2001:db8:bad::/48');
  assert.equal(refusal('203.0.113.5')?.detail['prefix'], '203.0.113.5');
  assert.equal(refusal('198.51.100.7'), undefined);
});

test('every bad prefix is an issue in its place', () => {
  const { issues } = build(
    { deny: ['10.0.0.1/8', '10.0.0.0/8', 'x'], allow: ['1.2.3.04'], deny_files: ['drop.txt', 'missing.txt'] },
    { 'drop.txt': '10.0.0.0/8\nevil.example\n10.0.0.0 - 10.0.0.9\n' },
  );
  assert.deepEqual(
    issues.map((issue) => issue.split(' ')[0]),
    ['deny.0', 'deny.2', 'drop.txt:2', 'drop.txt:3', 'deny_files.1', 'allow.0'],
  );
});

test('a file of junk does not flood the report', () => {
  const { issues } = build({ deny_files: ['junk'] }, { junk: 'junk\n'.repeat(1000) });
  assert.equal(issues.length, 21);
  assert.match(issues[20] ?? '', /^junk:21 980 more/);
});

test('exceptions from nothing are an issue', () => {
  assert.match(build({ allow: ['10.0.0.0/8'] }).issues[0] ?? '', /^allow excepts from nothing/);
  assert.match(build({ deny: [], allow_files: ['a'] }, { a: '' }).issues[0] ?? '', /^allow_files excepts from nothing/);
});

const feedUrl = 'https://lists.example/list.txt';

function buildWithFeeds(options: AddressesOptions, lists: Readonly<Record<string, readonly string[]>>) {
  const { context, issues } = recordIssues();
  const { resolve, specs } = scriptedFeeds(lists);
  const { gate } = buildAddressGate(options, context, { resolve });
  const watched: unknown[] = [];
  const refusal = (text: string) => gate(parseAddress(text), ({ detail }) => void watched.push(detail['feed']));
  return { issues, specs, watched, refusal };
}

test('a feed refuses by its name, and an exception of any kind wins', () => {
  const { refusal, issues } = buildWithFeeds(
    {
      deny: ['10.9.0.0/16'],
      deny_feeds: { drop: { url: feedUrl }, more: { url: feedUrl } },
      allow: ['9.9.9.8'],
      allow_feeds: { partners: { url: feedUrl } },
    },
    { drop: ['9.9.9.9', '9.9.9.8', '9.9.9.7'], more: ['8.8.8.8'], partners: ['9.9.9.7', '10.9.9.9'] },
  );
  assert.deepEqual(issues, []);
  assert.deepEqual(refusal('9.9.9.9')?.detail, {
    client_address: '9.9.9.9',
    list: 'addresses.deny_feeds.drop',
    prefix: 'the address',
    feed: 'drop',
  });
  assert.equal(refusal('8.8.8.8')?.detail['feed'], 'more');
  for (const text of ['9.9.9.8', '9.9.9.7', '10.9.9.9', '7.7.7.7']) assert.equal(refusal(text), undefined, text);
  assert.equal(refusal('10.9.9.8')?.detail['list'], 'addresses.deny');
  assert.equal(refusal('')?.reason, 'address_blocked');
});

test('a feed in shadow mode is heard, and refuses nobody', () => {
  const { refusal, watched } = buildWithFeeds(
    { deny_feeds: { seen: { url: feedUrl, mode: 'shadow' } }, allow: ['9.9.9.8'] },
    { seen: ['9.9.9.9', '9.9.9.8'] },
  );
  for (const text of ['9.9.9.9', '9.9.9.8', '8.8.8.8', '']) assert.equal(refusal(text), undefined, text);
  assert.deepEqual(watched, ['seen']);
});

test('exceptions from feeds need something to except from, and a name of their own', () => {
  const one = { list: { url: feedUrl } };
  assert.match(buildWithFeeds({ allow_feeds: one }, {}).issues.join(), /^allow_feeds excepts from nothing/);
  assert.match(
    buildWithFeeds({ deny_feeds: one, allow_feeds: one }, {}).issues.join(),
    /^allow_feeds.list has the name/,
  );
  assert.deepEqual(buildWithFeeds({ deny_feeds: one, allow: ['10.0.0.0/8'] }, {}).issues, []);
});

test('a banned client is refused by the ban, with or without lists, and an exception wins', async () => {
  const bans = await openBansOf(aBan('198.51.100.0/24', { id: 'one', by: 'scanning' }));
  for (const options of [{}, { deny: ['192.0.2.0/24'] }, { deny_files: ['drop.txt'], allow_files: ['drop.txt'] }]) {
    const { context, issues } = recordIssues({ 'drop.txt': '198.51.100.7\n' });
    const { gate } = buildAddressGate(options, context, noFeeds, { bans, bannable: true });
    assert.deepEqual(issues, []);
    const refusal = (text: string) => gate(parseAddress(text), () => {});
    const { reason, detail, expose, headers } = refusal('198.51.100.1') ?? {};
    assert.equal(reason, 'client_banned');
    const said = { client_address: '198.51.100.1', ban: 'one', banned_by: 'scanning', prefix: '198.51.100.0/24' };
    assert.deepEqual([detail, expose, headers], [said, {}, []]);
    assert.equal(refusal('198.51.101.1'), undefined);
    if (options.deny_files !== undefined) assert.equal(refusal('198.51.100.7'), undefined);
    // Whom nobody knows is refused by lists alone.
    assert.equal(refusal('unknown')?.reason, options.deny || options.deny_files ? 'address_blocked' : undefined);
  }
});

test('who is on a deny list too is refused by the list', async () => {
  const bans = await openBansOf(aBan('198.51.100.7'));
  const { gate } = buildAddressGate({ deny: ['198.51.100.0/24'] }, recordIssues().context, noFeeds, {
    bans,
    bannable: true,
  });
  assert.equal(gate(parseAddress('198.51.100.7'), () => {})?.reason, 'address_blocked');
});

test('exceptions need no deny list where somebody can ban, and no ban of an address counts for them', async () => {
  const bans = await openBansOf(
    aBan('198.51.100.0/24'),
    aBan('198.51.100.0/24', { by: 'scanning', tighten: 5 }),
    aBan(principal('users/alice'), { tighten: 3 }),
  );
  const { context, issues } = recordIssues();
  const built = buildAddressGate({ allow: ['198.51.100.7'] }, context, noFeeds, { bans, bannable: true });
  assert.deepEqual(issues, []);
  assert.equal(
    built.gate(parseAddress('198.51.100.7'), () => {}),
    undefined,
  );
  assert.equal(built.gate(parseAddress('198.51.100.8'), () => {})?.reason, 'client_banned');
  assert.equal(built.bans.weight('198.51.100.8', undefined), 5);
  assert.equal(built.bans.weight('198.51.100.7', undefined), 1);
  assert.equal(built.bans.weight('198.51.100.7', 'users/alice'), 3);
  assert.equal(built.bans.weight('', 'users/bob'), 1);
  assert.equal(built.bans.onPrincipal('users/alice'), undefined);
});
