import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Compilation, compileFiles, compileText, only, signature } from '../../../../test/support/seclang.ts';

test('gates of paranoia become levels, by phase and up to their marker', () => {
  const gate = (phase: number, level: number, id: number): string =>
    `SecRule TX:DETECTION_PARANOIA_LEVEL "@lt ${level}" "id:${id},phase:${phase},pass,nolog,skipAfter:END"\n`;
  const rule = (id: number, phase: number): string => `SecRule ARGS "@rx a" "id:${id},phase:${phase},block"\n`;
  const { rules } = compileText(
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

test('without settings of its own a directory gets those of a gateway for APIs', () => {
  const rules = `${signature}
SecRule &TX:allowed_methods "@eq 0" "id:901160,phase:1,pass,nolog,setvar:'tx.allowed_methods=GET'"
SecRule REQUEST_METHOD "!@within %{tx.allowed_methods}" "id:911100,phase:1,block"
SecRule REQUEST_HEADERS:Content-Type "!@within %{tx.allowed_request_content_type}" "id:920420,phase:1,block"`;
  const allowed = (files: Readonly<Record<string, string>>): readonly unknown[] =>
    compileFiles({ 'a.conf': rules, ...files }).rules.flatMap(({ conditions: [{ operator }] }) =>
      operator.kind === 'within' ? [operator.text] : [],
    );
  const [methods, types] = allowed({});
  assert.equal(methods, 'GET HEAD POST OPTIONS PUT PATCH DELETE');
  assert.ok(String(types).split(' ').includes('|text/plain|') && String(types).includes('|application/x-ndjson|'));
  const own = `SecAction "id:900200,phase:1,pass,nolog,setvar:'tx.allowed_methods=PUT'"`;
  assert.equal(allowed({ 'REQUEST-900.conf': own })[0], 'PUT', 'what the files say comes after it');
  assert.equal(allowed({ 'crs-setup.conf': '' })[0], 'GET');
  assert.equal(allowed({ 'crs-setup.conf.example': '' })[0], 'GET');
  const { rules: loaded, issues } = compileFiles({ 'a.conf': rules });
  assert.deepEqual(issues, []);
  assert.deepEqual(loaded.find(({ removes }) => removes !== undefined)?.removes, [{ rules: ['920420'] }]);
});

test('a setting that some rule changes by what it sees is kept for the request', () => {
  const { rules } = compileText(`
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
    compileText(`
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
  const counted = compileText(`
SecRule ARGS_NAMES "@rx (.)" "id:1,pass,nolog,capture,setvar:'TX.seen_%{MATCHED_VAR_NAME}_%{TX.1}=+1'"
SecRule TX:/^seen_/ "@gt 1" "id:2,block"`);
  const sets = [{ name: 'seen_%{matched_var_name}_%{tx.1}', value: '1', adds: true }];
  assert.deepEqual([counted.rules[0]?.conditions[0].sets, counted.rules[0]?.conditions[0].captures], [sets, true]);
});

test('skip and skipAfter of what a request decides pass over the rules behind', () => {
  const { rules } = compileText(`
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
  const { rules } = compileText(`
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
  const { rules } = compileText(`
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
  const { rules, unsupported } = compileText(`
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
  const { rules } = compileText('SecRule ARGS "@rx a" "id:1,block"\nSecRuleUpdateTargetById 1 !ARGS');
  assert.deepEqual(rules, []);
});
