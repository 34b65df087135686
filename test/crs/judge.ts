import assert from 'node:assert/strict';
import type { NormalRequest } from '../../src/core/attributes.ts';
import { seeBody } from '../../src/inspect/attacks/body.ts';
import { openDetector } from '../../src/inspect/attacks/detection/detector.ts';
import { compileExclusions } from '../../src/inspect/attacks/detection/exclusions.ts';
import { compileRuleSet } from '../../src/inspect/attacks/detection/rule-set.ts';
import { type EngineChoice, openEngine } from '../../src/inspect/attacks/engines/index.ts';
import { openView } from '../../src/inspect/attacks/request/view.ts';
import { compileCrs } from '../../src/inspect/attacks/seclang/crs.ts';
import { openReading } from '../../src/inspect/reading.ts';
import { type CoreRuleSet, textsOf } from '../support/core-rule-set.ts';
import { recordIssues } from '../support/recording-context.ts';

// What the tests expect beyond the defaults, as the project runs them.
const setup = `SecAction "id:900001,phase:1,pass,nolog,setvar:tx.crs_validate_utf8_encoding=1,\\
  setvar:tx.arg_name_length=100,setvar:tx.arg_length=400,setvar:tx.total_arg_length=64000,\\
  setvar:tx.max_num_args=255,setvar:tx.max_file_size=64100,setvar:tx.combined_file_sizes=65535"`;

const budgetMs = 10_000;

/** The rules, ready to judge requests. */
export interface Bench {
  /** Which rules match, at all levels of paranoia; a text says why the body is refused before any of them sees it. */
  readonly judge: (request: NormalRequest) => ReadonlySet<string> | string;
  /** Ids of the rules that are loaded. */
  readonly loaded: ReadonlySet<string>;
  close(): void;
}

/** Compiles the rule set once, with all levels of paranoia, for an engine. */
export function openBench(set: CoreRuleSet, choice: EngineChoice): Bench {
  const { context, issues } = recordIssues({ ...textsOf(set), 'crs/crs-setup.conf': setup });
  const { rules } = compileCrs(context.directory('crs') ?? [], (message) => context.issue([], message));
  const compiled = compileRuleSet(rules, openEngine(choice));
  const detect = openDetector(compiled, compileExclusions([]));
  assert.deepEqual([issues, [...compiled.problems]], [[], []]);
  return {
    loaded: new Set(rules.map(({ id }) => id)),
    judge: (request) => {
      const subject = { request, parameters: new Map(), rule: 'crs', principal: undefined };
      const { content, refusal } = seeBody(subject, openReading());
      if (refusal !== undefined && content === undefined) return refusal.reason;
      const { matches, complete } = detect(openView({ subject, content, proven: () => false }), budgetMs);
      assert.ok(complete, 'the time for one request was spent');
      return new Set(matches.map(({ rule }) => rule.id));
    },
    close: () => compiled.probes.close(),
  };
}
