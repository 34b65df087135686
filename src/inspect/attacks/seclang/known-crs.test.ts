import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordIssues } from '../../../../test/support/recording-context.ts';
import { signature } from '../../../../test/support/seclang.ts';
import { gatesOf } from '../detection/conditions.ts';
import { crsKey, knownCrs, openCrs, readCrsFar, takeCrs } from './known-crs.ts';

const rule = (id: number): string => `SecRule ARGS "@rx a${id}" "id:${id},deny,severity:CRITICAL"\n`;

/** The files of a directory as a load opens them, and what is told of them. */
function filesOf(text: string) {
  const { context, issues } = recordIssues({ 'crs/a.conf': text });
  return { files: context.directory('crs') ?? [], issues };
}

test('a directory that has not changed is compiled once, from load to load', () => {
  const once = openCrs(filesOf(signature + rule(1)).files, assert.fail);
  assert.equal(openCrs(filesOf(signature + rule(1)).files, assert.fail).rules, once.rules);
  assert.notEqual(openCrs(filesOf(signature + rule(2)).files, assert.fail).rules, once.rules);
});

test('each load hears what is wrong, once for a file and at each option', () => {
  for (let load = 0; load < 2; load += 1) {
    const { files, issues } = filesOf(`${rule(3)}SecRule ARGS "@pmFromFile none.data" "id:4,deny"\n`);
    const said: string[] = [];
    for (let option = 0; option < 2; option += 1) openCrs(files, (message) => said.push(message));
    assert.deepEqual(issues, ['crs/a.conf:2 there is no file "none.data" in the directory']);
    assert.equal(said.length, 2);
  }
});

test('what another thread has read is found known, with what texts must have', () => {
  const { files } = filesOf(signature + rule(5));
  const far = structuredClone(readCrsFar(files, undefined));
  assert.deepEqual(knownCrs(crsKey(files))?.rules, undefined);
  const taken = takeCrs(far);
  assert.equal(openCrs(files, assert.fail), taken);
  const [first] = taken.rules;
  assert.ok(first);
  assert.equal(gatesOf(first.conditions[0].operator), far.gates[0]);
});

test('directories of long ago are forgotten', () => {
  const { files } = filesOf(signature + rule(6));
  openCrs(files, assert.fail);
  for (let id = 10; id < 14; id += 1) openCrs(filesOf(signature + rule(id)).files, assert.fail);
  assert.equal(knownCrs(crsKey(files)), undefined);
});
