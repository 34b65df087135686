import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileFiles, compileText, only, signature } from '../../../../test/support/seclang.ts';
import type { Condition } from '../rule.ts';

const first = (text: string): Condition => only(compileText(text)).conditions[0];

test('a rule: what it looks at, how, and what it says of itself', () => {
  const { rules, unsupported, version, issues, said, paranoia, threshold } = compileText(`
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
  [
    'a rule that would only log',
    'SecRule ARGS "@rx a" "id:1,pass,log,msg:\'seen\'"',
    'it lets everything pass and changes nothing: the rule is not loaded',
  ],
  ['a switch of the engine', 'SecRule ARGS "@rx a" "id:1,pass,ctl:ruleEngine=Off"', 'ctl:ruleEngine=Off'],
] as const) {
  test(`${what} that is not supported is listed with its place`, () => {
    const { rules, unsupported } = compileText(`\n${rule}`);
    assert.deepEqual(rules, []);
    assert.deepEqual(unsupported, [{ id: '1', place: 'crs/a.conf:3', what: expected }]);
  });
}

test('a directive that is not supported is listed, housekeeping is not', () => {
  const { unsupported } = compileText('SecDebugLogLevel 3\nSecRuleEngine Off\nSecRule ARGS "@rx a" "id:1,deny"');
  assert.deepEqual(unsupported, [{ id: undefined, place: 'crs/a.conf:3', what: 'the directive SecRuleEngine' }]);
});

test('rules for responses and for the log are listed file by file', () => {
  const rule = (id: number, phase: number): string => `SecRule RESPONSE_BODY "@rx a" "id:${id},phase:${phase},deny"\n`;
  const { rules, unsupported } = compileText(rule(950200, 4) + rule(950100, 4) + rule(980100, 5));
  assert.deepEqual(rules, []);
  assert.deepEqual(unsupported, [
    { id: '950100-950200', place: 'crs/a.conf:2', what: '2 rules look at responses: not loaded' },
    { id: '980100', place: 'crs/a.conf:4', what: '1 rule looks at what is logged: not loaded' },
  ]);
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
  const { rules } = compileText(`SecDefaultAction "phase:2,pass,t:lowercase"
SecRule ARGS "@rx a" "id:1,block,t:trim"
SecRule ARGS "@rx a" "id:2,block,t:none,t:trim"`);
  assert.deepEqual(
    rules.map(({ conditions }) => conditions[0].transforms),
    [['lowercase', 'trim'], ['trim']],
  );
});

test('scores of one’s own are listed: severities count as they do', () => {
  const { unsupported } = compileText(
    'SecAction "id:1,phase:1,pass,setvar:tx.critical_anomaly_score=9"\nSecRule ARGS "@rx a" "id:2,deny"',
  );
  assert.deepEqual(unsupported, [
    { id: '1', place: 'crs/a.conf:2', what: 'tx.critical_anomaly_score=9: such a match counts 5' },
  ]);
});

test('broken directives are issues at their lines', () => {
  const { issues } = compileText(`SecRule ARGS "@rx a
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
      const { rules } = compileText(pieces.join(''));
      assert.ok(rules.every(({ conditions }) => conditions.every(({ targets }) => targets.length > 0)));
    }),
    { numRuns: 500 },
  );
});
