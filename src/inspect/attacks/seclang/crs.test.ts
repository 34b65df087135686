import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { recordIssues } from '../../../../test/support/recording-context.ts';
import type { AttackRule, Condition } from '../rule.ts';
import { type CompiledCrs, compileCrs } from './crs.ts';

const signature = 'SecComponentSignature "OWASP_CRS/4.99.0"\n';

interface Compilation extends Omit<CompiledCrs, 'unsupported'> {
  readonly unsupported: readonly { readonly id: string | undefined; readonly place: string; readonly what: string }[];
  readonly issues: readonly string[];
  readonly said: readonly string[];
}

function compileFiles(files: Readonly<Record<string, string>>): Compilation {
  const named = Object.entries(files).map(([name, text]) => [`crs/${name}`, text] as const);
  const { context, issues } = recordIssues(Object.fromEntries(named));
  const said: string[] = [];
  const compiled = compileCrs(context.directory('crs'), (message) => said.push(message));
  const unsupported = compiled.unsupported.map(({ id, place, what }) => ({
    id,
    place: `${place.file.name}:${place.line}`,
    what,
  }));
  return { ...compiled, unsupported, issues, said };
}

const compile = (text: string): Compilation => compileFiles({ 'a.conf': signature + text });

function only({ rules }: Compilation): AttackRule {
  const [rule, ...more] = rules;
  assert.ok(rule !== undefined && more.length === 0, JSON.stringify(rules));
  return rule;
}

const first = (text: string): Condition => only(compile(text)).conditions[0];

test('a rule: what it looks at, how, and what it says of itself', () => {
  const { rules, unsupported, version, issues, said, paranoia, threshold } = compile(`
SecRule ARGS|!ARGS:/^x-/|REQUEST_HEADERS:Referer "!@rx (?i)a+" \\
    "id:942100,phase:2,block,capture,multiMatch,t:none,t:urlDecodeUni,t:lowercase,\\
    msg:'Found it: %{MATCHED_VAR}',tag:'attack-sqli',tag:'paranoia-level/3',severity:'WARNING',\\
    setvar:'tx.inbound_anomaly_score_pl3=+%{tx.warning_anomaly_score}'"`);
  assert.deepEqual([unsupported, issues, said, version, paranoia, threshold], [[], [], [], '4.99.0', 1, 5]);
  assert.deepEqual(rules, [
    {
      id: '942100',
      class: 'sqli',
      title: 'Found it:',
      severity: 'warning',
      paranoia: 3,
      conditions: [
        {
          targets: [
            { collection: 'args', only: [], except: [{ pattern: '(?i)^x-' }], counted: false },
            { collection: 'request_headers', only: [{ exact: 'referer' }], except: [], counted: false },
          ],
          transforms: ['url_decode_uni', 'lowercase'],
          everyStage: true,
          operator: { kind: 'rx', pattern: '(?s)(?i)a+' },
          negated: true,
          captures: false,
        },
      ],
    },
  ]);
});

for (const [operator, expected] of [
  ['@pm a  b', { kind: 'phrases', phrases: ['a', 'b'] }],
  ['@pmFromFile words.data', { kind: 'phrases', phrases: ['one', 'two three'] }],
  ['@detectSQLi', { kind: 'sqli' }],
  ['@detectXSS', { kind: 'xss' }],
  ['@within b %{ARGS.A}', { kind: 'within', text: 'b %{args.a}' }],
  ['@streq a b', { kind: 'equals', text: 'a b' }],
  ['@beginsWith /a', { kind: 'begins_with', text: '/a' }],
  ['@endsWith .pdf', { kind: 'ends_with', text: '.pdf' }],
  ['@contains --', { kind: 'contains', text: '--' }],
  ['@ge 3', { kind: 'ge', number: '3' }],
  ['@ipMatch 10.0.0.0/8, ::1', { kind: 'ip_match', prefixes: ['10.0.0.0/8', '::1'] }],
  [
    '@validateByteRange 9,32-126',
    {
      kind: 'byte_outside',
      ranges: [
        [9, 9],
        [32, 126],
      ],
    },
  ],
  ['@validateUrlEncoding', { kind: 'bad_url_encoding' }],
  ['@validateUtf8Encoding', { kind: 'bad_utf8' }],
  ['@unconditionalMatch', { kind: 'always' }],
  ['@rx ^.*$', { kind: 'always' }],
  ['a|b', { kind: 'rx', pattern: '(?s)a|b' }],
] as const) {
  test(`the operator ${operator}`, () => {
    const result = compileFiles({
      'a.conf': `${signature}SecRule ARGS "${operator}" "id:1,deny"\nSecRule TX:a "@eq 1" "id:2,deny"`,
      'words.data': '# words\none\n\n  two three \n',
    });
    assert.deepEqual(result.rules.find(({ id }) => id === '1')?.conditions[0].operator, expected);
    assert.deepEqual([result.unsupported, result.issues], [[], []]);
  });
}

for (const [what, rule, expected] of [
  ['an operator', 'SecRule ARGS "@rbl a.example" "id:1,deny"', 'the operator @rbl: the rule is not loaded'],
  ['a variable', 'SecRule SESSION:a|ARGS "@rx a" "id:1,deny"', 'the variable SESSION: the rule is not loaded'],
  ['a selector of XML', 'SecRule XML:/a/b "@rx a" "id:1,deny"', 'the variable XML:/a/b: the rule is not loaded'],
  [
    'a transformation',
    'SecRule ARGS "@rx a" "id:1,deny,t:sqlHexEncode"',
    'the transformation t:sqlHexEncode: the rule is not loaded',
  ],
  ['an action', 'SecRule ARGS "@rx a" "id:1,allow"', 'the action allow: the rule is not loaded'],
  [
    'a collection that lasts',
    'SecRule ARGS "@rx a" "id:1,deny,setvar:ip.a=1"',
    'setvar:ip.a=1: the rule is not loaded',
  ],
  [
    'a byte range',
    'SecRule ARGS "@validateByteRange 1-300" "id:1,deny"',
    'the byte range "1-300" (@validateByteRange): the rule is not loaded',
  ],
  [
    'an exemption of everything',
    'SecRule ARGS "@rx a" "id:1,pass,ctl:ruleRemoveByTag=OWASP_CRS"',
    'ctl:ruleRemoveByTag=OWASP_CRS, which turns every rule off',
  ],
  ['a switch of the engine', 'SecRule ARGS "@rx a" "id:1,pass,ctl:ruleEngine=Off"', 'ctl:ruleEngine=Off'],
] as const) {
  test(`${what} that is not supported is listed with its place`, () => {
    const { rules, unsupported } = compile(`\n${rule}`);
    assert.deepEqual(rules, []);
    assert.deepEqual(unsupported, [{ id: '1', place: 'crs/a.conf:3', what: expected }]);
  });
}

test('a directive that is not supported is listed, housekeeping is not', () => {
  const { unsupported } = compile('SecDebugLogLevel 3\nSecRuleEngine Off\nSecRule ARGS "@rx a" "id:1,deny"');
  assert.deepEqual(unsupported, [{ id: undefined, place: 'crs/a.conf:3', what: 'the directive SecRuleEngine' }]);
});

test('rules for responses and for the log are listed file by file', () => {
  const rule = (id: number, phase: number): string => `SecRule RESPONSE_BODY "@rx a" "id:${id},phase:${phase},deny"\n`;
  const { rules, unsupported } = compile(rule(950200, 4) + rule(950100, 4) + rule(980100, 5));
  assert.deepEqual(rules, []);
  assert.deepEqual(unsupported, [
    { id: '950100-950200', place: 'crs/a.conf:2', what: '2 rules look at responses: not loaded' },
    { id: '980100', place: 'crs/a.conf:4', what: '1 rules look at what is logged: not loaded' },
  ]);
});

test('gates of paranoia become levels, by phase and up to their marker', () => {
  const gate = (phase: number, level: number, id: number): string =>
    `SecRule TX:DETECTION_PARANOIA_LEVEL "@lt ${level}" "id:${id},phase:${phase},pass,nolog,skipAfter:END"\n`;
  const rule = (id: number, phase: number): string => `SecRule ARGS "@rx a" "id:${id},phase:${phase},block"\n`;
  const { rules } = compile(
    gate(1, 1, 11) +
      rule(1, 2) +
      gate(2, 2, 12) +
      rule(2, 1) +
      rule(3, 2) +
      gate(2, 4, 13) +
      rule(4, 2) +
      'SecMarker END\n' +
      rule(5, 2),
  );
  assert.deepEqual(
    rules.map(({ id, paranoia }) => [id, paranoia]),
    [
      ['2', 1],
      ['1', 1],
      ['3', 2],
      ['4', 4],
      ['5', 1],
    ],
  );
});

test('what crs-setup.conf sets is known at load; the example counts only without it', () => {
  const defaults = `${signature}
SecRule &TX:allowed "@eq 0" "id:901160,phase:1,pass,nolog,setvar:'tx.allowed=GET POST'"
SecRule &TX:limit "@eq 1" "id:920380,phase:2,block,chain"
  SecRule &ARGS "@gt %{tx.limit}" "t:none"
SecRule REQUEST_METHOD "!@within %{tx.allowed}" "id:911100,phase:1,block"`;
  const setup = `SecAction "id:900200,phase:1,pass,t:none,nolog,setvar:'tx.allowed=PUT',setvar:tx.limit=3,\\
    setvar:tx.blocking_paranoia_level=2,setvar:tx.inbound_anomaly_score_threshold=10"`;
  const texts = ({ rules }: Compilation): readonly unknown[] =>
    rules.map(({ id, conditions }) => [id, conditions.map(({ operator }) => operator)]);
  const within = (text: string): readonly unknown[] => ['911100', [{ kind: 'within', text }]];
  assert.deepEqual(texts(compileFiles({ 'a.conf': defaults })), [within('GET POST')]);
  const own = compileFiles({
    'a.conf': defaults,
    'crs-setup.conf': setup,
    'crs-setup.conf.example': 'SecAction "id:1,broken',
  });
  assert.deepEqual(texts(own), [within('PUT'), ['920380', [{ kind: 'gt', number: '3' }]]]);
  assert.deepEqual([own.paranoia, own.threshold, own.issues], [2, 10, []]);
});

test('a setting that some rule changes by what it sees is kept for the request', () => {
  const { rules } = compile(`
SecRule REQUEST_URI "@beginsWith /dav" "id:1,phase:1,pass,nolog,setvar:'tx.allowed=PROPFIND'"
SecRule &TX:allowed "@eq 0" "id:2,phase:1,pass,nolog,setvar:'tx.allowed=GET'"
SecAction "id:4,phase:1,pass,nolog,setvar:tx.unread=1,setvar:tx.seen=7"
SecRule TX:seen "@rx 7" "id:5,phase:1,block"
SecRule REQUEST_METHOD "!@within %{tx.allowed}" "id:3,phase:1,block"`);
  assert.deepEqual(
    rules.map(({ id, silent, conditions }) => [id, silent, conditions.flatMap(({ sets }) => sets ?? [])]),
    [
      ['crs-setup', true, [{ name: 'seen', value: '7', adds: false }]],
      ['1', true, [{ name: 'allowed', value: 'PROPFIND', adds: false }]],
      ['2', true, [{ name: 'allowed', value: 'GET', adds: false }]],
      ['5', undefined, []],
      ['3', undefined, []],
    ],
  );
});

test('captures and assignments are kept where somebody reads them, and nowhere else', () => {
  const rule = only(
    compile(`
SecRule REQUEST_HEADERS:Range "@rx (\\d+)-(\\d+)" "id:1,phase:1,block,capture,setvar:tx.nobody=%{tx.1},chain"
  SecRule TX:2 "@lt %{tx.1}" "capture,setvar:'tx.inbound_anomaly_score_pl1=+5'"`),
  );
  assert.deepEqual(
    rule.conditions.map(({ captures, sets }) => [captures, sets]),
    [
      [true, undefined],
      [false, undefined],
    ],
  );
  const counted = compile(`
SecRule ARGS_NAMES "@rx (.)" "id:1,pass,nolog,capture,setvar:'TX.seen_%{MATCHED_VAR_NAME}_%{TX.1}=+1'"
SecRule TX:/^seen_/ "@gt 1" "id:2,block"`);
  const sets = [{ name: 'seen_%{matched_var_name}_%{tx.1}', value: '1', adds: true }];
  assert.deepEqual([counted.rules[0]?.conditions[0].sets, counted.rules[0]?.conditions[0].captures], [sets, true]);
});

test('skip and skipAfter of what a request decides pass over the rules behind', () => {
  const { rules } = compile(`
SecRule &REQUEST_HEADERS:Host "@eq 0" "id:1,phase:1,block,skipAfter:END"
SecRule REQUEST_HEADERS:Host "@rx ^$" "id:2,phase:1,block"
SecMarker END
SecRule REQBODY_PROCESSOR "@streq JSON" "id:3,phase:1,pass,nolog,skip:1"
SecRule ARGS "@rx a" "id:4,phase:1,block"
SecRule ARGS "@rx b" "id:5,phase:1,block"`);
  assert.deepEqual(
    rules.map(({ id, unless }) => [id, unless]),
    [
      ['1', undefined],
      ['2', ['1']],
      ['3', undefined],
      ['4', ['3']],
      ['5', undefined],
    ],
  );
});

test('skipAfter of what is known at load leaves rules out', () => {
  const { rules } = compile(`
SecAction "id:1,phase:2,pass,nolog,skipAfter:END"
SecRule ARGS "@rx a" "id:2,block"
SecMarker END
SecRule ARGS "@rx b" "id:3,block"`);
  assert.deepEqual(
    rules.map(({ id }) => id),
    ['3'],
  );
});

test('ctl takes rules and targets away, from one rule or from all with a tag', () => {
  const { rules } = compile(`
SecRule REQUEST_URI "@beginsWith /a" "id:1,phase:1,pass,nolog,ctl:ruleRemoveById=3,ctl:ruleRemoveTargetByTag=t;ARGS:pw"
SecAction "id:2,phase:1,pass,nolog,ctl:ruleRemoveById=5-6"
SecRule ARGS "@rx a" "id:3,block"
SecRule ARGS "@rx b" "id:4,block,tag:'t'"
SecRule ARGS "@rx c" "id:5,block"`);
  assert.deepEqual(
    rules.map(({ id }) => id),
    ['1', '3', '4'],
  );
  assert.deepEqual(rules[0]?.removes, [
    { rules: ['3'] },
    { rules: ['4'], target: { collection: 'args', only: [{ exact: 'pw' }], except: [], counted: false } },
  ]);
});

test('rules are removed and retargeted by id, range, tag and message', () => {
  const { rules, unsupported } = compile(`
SecRule ARGS|REQUEST_COOKIES "@rx a" "id:1,block"
SecRule ARGS "@rx b" "id:2,block,tag:'t'"
SecRule ARGS "@rx b" "id:3,block,msg:'gone away'"
SecRule ARGS "@rx b" "id:4,block,tag:'u'"
SecRule ARGS "@rx c" "id:5,block"
SecRuleRemoveById 5 7-9
SecRuleRemoveByTag ^t$
SecRuleRemoveByMsg gone
SecRuleUpdateTargetById 1 "!REQUEST_COOKIES:/^_ga/|!ARGS"
SecRuleUpdateTargetByTag u !ARGS:pw
SecRuleUpdateTargetById 1 "SESSION"
SecRuleRemoveByTag (`);
  assert.deepEqual(
    rules.map(({ id, conditions }) => [id, conditions[0].targets]),
    [
      ['1', [{ collection: 'request_cookies', only: [], except: [{ pattern: '(?i)^_ga' }], counted: false }]],
      ['4', [{ collection: 'args', only: [], except: [{ exact: 'pw' }], counted: false }]],
    ],
  );
  assert.deepEqual(
    unsupported.map(({ what }) => what),
    ['the variable SESSION', 'the pattern ('],
  );
});

test('a rule whose targets are all taken away is not loaded', () => {
  const { rules } = compile('SecRule ARGS "@rx a" "id:1,block"\nSecRuleUpdateTargetById 1 !ARGS');
  assert.deepEqual(rules, []);
});

test('a selector may hold anything, and XML has two of its own', () => {
  const { targets } = first(
    'SecRule "&TX:/a|b/|XML:/*|XML://@*|ARGS:\'/x,y/\'|REQUEST_COOKIES:/\\x22?v/" "@rx a" "id:1,deny"',
  );
  assert.deepEqual(
    targets.map(({ collection, only: names, counted }) => [collection, names, counted]),
    [
      ['tx', [{ pattern: '(?i)a|b' }], true],
      ['xml', [], false],
      ['xml_attributes', [], false],
      ['args', [{ pattern: '(?i)x,y' }], false],
      ['request_cookies', [{ pattern: '(?i)\\x22?v' }], false],
    ],
  );
});

test('default transformations hold for rules that do not begin with none', () => {
  const { rules } = compile(`SecDefaultAction "phase:2,pass,t:lowercase"
SecRule ARGS "@rx a" "id:1,block,t:trim"
SecRule ARGS "@rx a" "id:2,block,t:none,t:trim"`);
  assert.deepEqual(
    rules.map(({ conditions }) => conditions[0].transforms),
    [['lowercase', 'trim'], ['trim']],
  );
});

test('scores of one’s own are listed: severities count as they do', () => {
  const { unsupported } = compile(
    'SecAction "id:1,phase:1,pass,setvar:tx.critical_anomaly_score=9"\nSecRule ARGS "@rx a" "id:2,deny"',
  );
  assert.deepEqual(unsupported, [
    { id: '1', place: 'crs/a.conf:2', what: 'tx.critical_anomaly_score=9: such a match counts 5' },
  ]);
});

test('broken directives are issues at their lines', () => {
  const { issues } = compile(`SecRule ARGS "@rx a
SecRule ARGS
SecRule ARGS "@rx a" "id:1,msg:'a"
SecRule ARGS "@rx a" "deny"
SecRule ARGS "@rx a" "id:7,deny"
SecRule ARGS "@rx a" "id:7,deny"
SecRule ARGS "@rx a" "id:8,deny" more
SecRule ARGS "@pmFromFile none.data" "id:9,deny"
SecDefaultAction "a:'"
SecRule ARGS "@rx a" "id:10,deny,chain"`);
  assert.deepEqual(issues, [
    'crs/a.conf:2 a quotation mark is not closed, or text stands right behind one',
    'crs/a.conf:3 SecRule needs variables and an operator',
    'crs/a.conf:4 SecRule has a list of actions that cannot be read: a quotation mark or a comma is missing',
    'crs/a.conf:8 SecRule has more arguments than it takes',
    'crs/a.conf:10 SecDefaultAction has a list of actions that cannot be read',
    'crs/a.conf:9 there is no file "none.data" in the directory',
    'crs/a.conf:11 the chain has no last rule',
    'crs/a.conf:5 the rule has no id',
    'crs/a.conf:7 the id 7 is taken by another rule',
  ]);
});

test('a directory without rules, or with others than CRS 4, is an issue', () => {
  assert.deepEqual(compileFiles({ 'words.data': 'a' }).said, [
    'holds no rules: name the directory with the *.conf files of the OWASP Core Rule Set',
  ]);
  const rule = 'SecRule ARGS "@rx a" "id:1,deny"';
  const supported = 'only the OWASP Core Rule Set 4 is supported';
  assert.deepEqual(compileFiles({ 'a.conf': rule }).said, [`holds other rules: ${supported}`]);
  const three = `SecComponentSignature "OWASP_CRS/3.3.5"\n${rule}`;
  assert.deepEqual(compileFiles({ 'a.conf': three }).said, [`holds version 3.3.5: ${supported}`]);
});

test('the same files are compiled once, and say what is wrong to everybody', () => {
  const { context } = recordIssues({ 'crs/a.conf': 'SecRule ARGS "@rx a" "id:1,deny"' });
  const files = context.directory('crs');
  const said: string[] = [];
  const once = compileCrs(files, (message) => said.push(message));
  assert.equal(
    compileCrs([...files], (message) => said.push(message)),
    once,
  );
  assert.equal(said.length, 2);
  assert.notEqual(
    compileCrs([...files, ...files], () => {}),
    once,
  );
});

test('whatever stands in the files, compiling them ends without a throw', () => {
  const piece = fc.constantFrom(
    ...[
      'SecRule ',
      'SecAction ',
      'SecMarker END\n',
      'SecRuleUpdateTargetById 1 ',
      'SecDefaultAction ',
      '\n',
      '\\\n',
      ' ',
      '"',
      "'",
      ',',
    ],
    ...[
      'ARGS',
      'TX:',
      '&',
      '!',
      '|',
      '/^a(/',
      '/b/',
      ':',
      'XML:/*',
      '@rx ',
      '@within ',
      '@pmFromFile a.conf',
      '@ipMatch ',
      '(',
      '%{tx.1}',
    ],
    ...[
      'id:1',
      'id:2',
      'phase:1',
      'phase:9',
      'chain',
      'capture',
      'block',
      'pass',
      'skip:2',
      'skipAfter:END',
      't:none',
      't:lowercase',
    ],
    ...[
      'setvar:tx.a=%{tx.b}',
      'setvar:tx.b=+1',
      'ctl:ruleRemoveById=1-',
      'ctl:ruleRemoveTargetByTag=(;ARGS',
      "msg:'%{'",
      signature,
    ],
  );
  const text = fc.array(fc.oneof({ weight: 9, arbitrary: piece }, fc.string()), { maxLength: 40 });
  fc.assert(
    fc.property(text, (pieces) => {
      const { rules } = compile(pieces.join(''));
      assert.ok(rules.every(({ conditions }) => conditions.every(({ targets }) => targets.length > 0)));
    }),
    { numRuns: 500 },
  );
});
