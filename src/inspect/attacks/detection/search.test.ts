import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aSubject } from '../../../../test/support/requests.ts';
import { openEngine } from '../engines/index.ts';
import { openView } from '../request/view.ts';
import { embeddedRules } from '../rules/index.ts';
import { openDetector } from './detector.ts';
import { compileExclusions } from './exclusions.ts';
import { compileRuleSet } from './rule-set.ts';

test('a search whose time is over before the engine has looked is incomplete', () => {
  const set = compileRuleSet(embeddedRules, openEngine('auto'));
  const detect = openDetector(set, compileExclusions([]));
  const view = openView({ subject: aSubject({ request: { query: 'q=1' } }), content: undefined, proven: () => false });
  assert.deepEqual(detect(view, -1), { matches: [], complete: false });
  assert.deepEqual(detect(view, 60_000), { matches: [], complete: true });
  set.probes.close();
});
