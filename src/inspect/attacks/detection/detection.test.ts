// What rules do, whatever is done to look at few texts with few of them: the same on every engine.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Detect, detectorOf, type RuleSketch } from '../../../../test/support/detection.ts';
import { engines } from '../engines/index.ts';
import type { Exclusion } from './exclusions.ts';

type Open = (rules: readonly RuleSketch[], exclusions?: readonly Exclusion[]) => Detect;

/** One test for each engine; a skip says why. */
function onEngines(name: string, run: (open: Open) => void): void {
  for (const engine of Object.values(engines)) {
    const skip = engine.unavailable() ?? false;
    test(`${engine.name}: ${name}`, { skip }, (context: TestContext) =>
      run((rules, exclusions) => detectorOf(context, engine, rules, exclusions)),
    );
  }
}

const idsOf = (lines: readonly string[]): readonly string[] => lines.map((line) => line.split(' ')[0] ?? '');
const equals = (text: string) => ({ kind: 'equals', text }) as const;
const always = { kind: 'always' } as const;
const noMember = { kind: 'eq', number: '0' } as const;

onEngines('a chain matches when all of its conditions do, and is told by its first', (open) => {
  const when: RuleSketch['when'] = [
    { in: 'args:a', asks: 'x+' },
    { in: 'request_headers:user-agent', asks: equals('bot') },
  ];
  const detect = open([{ id: '1', when }]);
  const bot = { headers: { 'user-agent': 'bot' } };
  assert.deepEqual(detect({ query: 'a=yxxy', ...bot }), ['1 query.a yxxy']);
  assert.deepEqual(detect({ query: 'a=yxxy' }), []);
  assert.deepEqual(detect({ query: 'a=y', ...bot }), []);
  assert.deepEqual(detect({ query: 'b=x', ...bot }), []);
});

onEngines('groups of a match are there for the rest of the chain, and for nobody else', (open) => {
  const later = { in: 'args:b', asks: equals('%{tx.1}') } as const;
  const detect = open([
    { id: 'captures', when: [{ in: 'args:a', asks: '^(\\w)(\\d)?', captures: true }, later] },
    { id: 'without', when: [{ in: 'args:a', asks: '^(\\w)' }, later] },
    { id: 'other', when: [later] },
    {
      id: 'absent',
      when: [
        { in: 'args:a', asks: '^(\\w)(\\d)?', captures: true },
        { in: 'tx:2', asks: equals('') },
      ],
    },
    {
      id: 'anew',
      when: [
        { in: 'args:a', asks: '^(\\w)', captures: true },
        { in: 'args:b', asks: '^.(.)', captures: true },
        { in: 'args:c', asks: equals('%{tx.1}') },
      ],
    },
  ]);
  assert.deepEqual(detect({ query: 'a=k&b=k' }), ['captures query.a k', 'absent query.a k']);
  assert.deepEqual(detect({ query: 'a=k7&b=zy&c=y' }), ['anew query.a k7']);
});

onEngines('what was matched has a text and a name', (open) => {
  const first = { in: 'args_get', asks: '^x' } as const;
  const detect = open([
    { id: 'var', when: [first, { in: 'matched_var', asks: equals('x1') }] },
    { id: 'name', when: [first, { in: 'matched_var_name', asks: equals('ARGS_GET:b') }] },
    { id: 'vars', when: [first, { in: 'matched_vars', asks: equals('x2') }] },
    { id: 'names', when: [first, { in: '&matched_vars_names', asks: { kind: 'eq', number: '3' } }] },
    { id: 'macro', when: [first, { in: 'args:c', asks: equals('%{matched_var}') }] },
    { id: 'none', when: [first, { in: 'matched_var', asks: equals('y') }] },
  ]);
  assert.deepEqual(idsOf(detect({ query: 'a=x1&b=x2&c=x3' })), ['var', 'name', 'vars', 'names', 'macro']);
});

onEngines('variables are set by every text that matches, also where the chain breaks later, and add up', (open) => {
  const score = { name: 'score', value: '5', adds: true };
  const reached = (number: string) => ({ in: 'tx:score', asks: { kind: 'ge', number } }) as const;
  const detect = open([
    { id: 'sets', silent: true, when: [{ in: 'args', asks: 'x', sets: [score] }] },
    {
      id: 'breaks',
      when: [
        {
          in: 'args',
          asks: 'y',
          sets: [{ name: 'seen_%{matched_var}', value: '%{matched_var_name}', adds: false }, score],
        },
        { in: 'args', asks: equals('never') },
      ],
    },
    { id: 'ten', when: [reached('10')] },
    { id: 'fifteen', when: [reached('15')] },
    { id: 'named', when: [{ in: 'tx:seen_y1', asks: equals('ARGS:c') }] },
    { id: 'no number', when: [{ in: 'tx:none', asks: { kind: 'ge', number: '0' } }] },
  ]);
  const ids = (query: string): readonly string[] => idsOf(detect({ query }));
  assert.deepEqual(ids('a=x&b=z'), []);
  assert.deepEqual(ids('a=x1&b=x2'), ['ten']);
  assert.deepEqual(ids('a=x1&b=x2&c=y1'), ['ten', 'fifteen', 'named']);
  assert.deepEqual(ids('a=x1'), [], 'nothing is left of the request before');
});

onEngines('a negation asks for a text that does not match, and is silent where there is none', (open) => {
  const detect = open([{ id: '1', when: [{ in: 'args:a', asks: '^\\d+$', negated: true }] }]);
  assert.deepEqual(detect({ query: 'a=12' }), []);
  assert.deepEqual(detect({ query: 'a=1x' }), ['1 query.a 1x']);
  assert.deepEqual(detect({ query: 'b=1x' }), []);
  assert.deepEqual(detect({ query: 'a=12&a=x' }), ['1 query.a x']);
  // Another reading is there for what it may hold, not for what it may lack.
  const wide = open([{ id: '1', when: [{ in: 'args:a', asks: '１', negated: true }] }]);
  assert.deepEqual(wide({ query: `a=${encodeURIComponent('１')}` }), []);
});

onEngines('members of a collection are counted, those of a choice alone where there is one', (open) => {
  const number = (count: string) => ({ kind: 'eq', number: count }) as const;
  const detect = open([
    { id: 'none', when: [{ in: '&args:a', asks: noMember }] },
    { id: 'pair', when: [{ in: ['&args', '!args:b'], asks: number('2') }] },
    { id: 'pattern', when: [{ in: '&args:/^[ab]$/', asks: number('2') }] },
  ]);
  const ids = (query: string): readonly string[] => idsOf(detect({ query }));
  assert.deepEqual(ids(''), ['none']);
  assert.deepEqual(ids('b=1&c=2'), ['none']);
  assert.deepEqual(ids('a=1&c=2'), ['pair']);
  assert.deepEqual(ids('a=1&b=2&c=3'), ['pair', 'pattern']);
  // What both say together is looked at, but there are two.
  assert.deepEqual(ids('a=1&a=2'), ['pair', 'pattern']);
});

onEngines('names choose among the members of a collection, in any case', (open) => {
  const detect = open([
    { id: 'exact', when: [{ in: 'args:id', asks: 'x' }] },
    { id: 'pattern', when: [{ in: 'args:/^id_\\d$/', asks: 'x' }] },
    { id: 'except', when: [{ in: ['args', '!args:id', '!args:/^id_/'], asks: 'x' }] },
    { id: 'header', when: [{ in: ['args:id', 'request_headers:x-id'], asks: 'x' }] },
  ]);
  assert.deepEqual(detect({ query: 'ID=x' }), ['exact query.ID x', 'header query.ID x']);
  assert.deepEqual(detect({ query: 'id_1=x' }), ['pattern query.id_1 x']);
  assert.deepEqual(detect({ query: 'other=x' }), ['except query.other x']);
  assert.deepEqual(detect({ headers: { 'x-id': 'x' } }), ['header header.x-id x']);
});

onEngines('a rule is looked at where it is not excluded: by its id, its range, its class, its place', (open) => {
  const rules: readonly RuleSketch[] = [
    { id: '100', class: 'sqli', when: [{ in: 'args', asks: 'x' }] },
    {
      id: '200',
      class: 'xss',
      when: [
        { in: 'args', asks: 'x' },
        { in: 'args', asks: 'y' },
      ],
    },
    { id: 'word', class: 'xss', when: [{ in: '&args', asks: { kind: 'gt', number: '1' } }] },
  ];
  const ids = (...exclusions: readonly Exclusion[]): string =>
    open(
      rules,
      exclusions,
    )({ query: 'a.b=xy&c=1' })
      .map((line) => line.split(' ')[0])
      .join();
  const everywhere = (rule: string): Exclusion => ({ rule, places: [] });
  const at = (rule: string, ...places: readonly string[]): Exclusion => ({ rule, places });
  assert.equal(ids(), '100,200,word');
  assert.equal(ids(everywhere('100')), '200,word');
  assert.equal(ids(everywhere('100-200')), 'word');
  assert.equal(ids(everywhere('xss')), '100');
  assert.equal(ids(everywhere('*')), '');
  assert.equal(ids(at('*', 'query.A.B')), '', 'of two members one is left to be counted');
  assert.equal(ids(at('100', 'query.a')), '100,200,word');
  assert.equal(ids(at('100', 'query.*.b'), at('200', 'query.c', 'query.a*')), 'word');
  assert.equal(ids(at('100-99', 'query.*')), '100,200,word');
});

onEngines('a match takes rules and places away from what comes after it, and from nothing else', (open) => {
  const target = { collection: 'args', only: [{ exact: 'a' }], except: [], counted: false } as const;
  const found = { in: 'args', asks: 'x' } as const;
  const detect = open([
    { id: 'before', when: [found] },
    { id: 'whole', silent: true, removes: [{ rules: ['before', 'gone'] }], when: [{ in: 'args:off', asks: always }] },
    { id: 'place', silent: true, removes: [{ rules: ['left'], target }], when: [{ in: 'args:part', asks: always }] },
    { id: 'gone', when: [found] },
    { id: 'left', when: [found] },
    { id: 'skipped', unless: ['whole'], when: [found] },
  ]);
  assert.deepEqual(detect({ query: 'a=x' }), [
    'before query.a x',
    'gone query.a x',
    'left query.a x',
    'skipped query.a x',
  ]);
  assert.deepEqual(detect({ query: 'a=x&off=1' }), ['before query.a x', 'left query.a x']);
  assert.deepEqual(detect({ query: 'a=x&part=1' }), ['before query.a x', 'gone query.a x', 'skipped query.a x']);
  assert.deepEqual(detect({ query: 'a=x&b=x&part=1' }), [
    'before query.a x',
    'gone query.a x',
    'left query.b x',
    'skipped query.a x',
  ]);
});

onEngines('what a contract has proven is not searched, and repeated names are one text too', (open) => {
  const detect = open([{ id: '1', when: [{ in: 'args', asks: 'x,y' }] }]);
  assert.deepEqual(detect({ query: 'a=x&b=y' }), []);
  assert.deepEqual(detect({ query: 'a=x&b=1&a=y' }), ['1 query.a x,y']);
  assert.deepEqual(
    detect({ query: 'a=x,y' }, (name) => name === 'a'),
    [],
  );
});

onEngines('the hexadecimal form of a digest is that of its bytes', (open) => {
  const [md5, sha1] = ['0cc175b9c0f1b6a831c399e269772661', '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'];
  const detect = open([
    { id: 'md5', when: [{ in: 'args', asks: `^${md5}$`, transforms: ['md5', 'hex_encode'] }] },
    { id: 'sha1', when: [{ in: 'args', asks: equals(sha1), transforms: ['lowercase', 'sha1', 'hex_encode'] }] },
  ]);
  assert.deepEqual(idsOf(detect({ query: 'x=a' })), ['md5', 'sha1']);
});

onEngines('what a repeated parameter says together is no part of the size', (open) => {
  const size = { in: 'args_combined_size', asks: { kind: 'eq', number: '7' } } as const;
  const detect = open([{ id: 'size', when: [{ in: 'args', asks: equals('12,345') }, size] }]);
  assert.deepEqual(idsOf(detect({ query: 'a=12&a=345' })), ['size']);
});
