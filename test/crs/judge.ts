import assert from 'node:assert/strict';
import { type NormalRequest, singleHeader } from '../../src/core/attributes.ts';
import { compileDetector } from '../../src/inspect/attacks/detection/detector.ts';
import { compileExclusions } from '../../src/inspect/attacks/detection/exclusions.ts';
import { type EngineChoice, openEngine } from '../../src/inspect/attacks/engines/index.ts';
import { openView } from '../../src/inspect/attacks/request/view.ts';
import { compileCrs } from '../../src/inspect/attacks/seclang/crs.ts';
import type { Content } from '../../src/inspect/content/content.ts';
import { formatOf, readContent } from '../../src/inspect/content/index.ts';
import { type CoreRuleSet, textsOf } from '../support/core-rule-set.ts';
import { recordIssues } from '../support/recording-context.ts';

// What the tests expect beyond the defaults, as the project runs them.
const setup = `SecAction "id:900001,phase:1,pass,nolog,setvar:tx.crs_validate_utf8_encoding=1,\\
  setvar:tx.arg_name_length=100,setvar:tx.arg_length=400,setvar:tx.total_arg_length=64000,\\
  setvar:tx.max_num_args=255,setvar:tx.max_file_size=64100,setvar:tx.combined_file_sizes=65535"`;

const limits = { maxBytes: 1024 ** 2, maxDepth: 64, maxFields: 10_000, maxParts: 100 } as const;
const budgetMs = 10_000;

type Body = { readonly content?: Content; readonly refused?: string };

/** The body as it is read before any rule; what cannot be read is refused. */
function readBody({ attributes: { body }, headers }: NormalRequest): Body {
  if (body === undefined) return {};
  const type = singleHeader(headers, 'content-type');
  // A body whose type nobody states is looked at as one text.
  if (!headers.has('content-type')) return {};
  const format = type === undefined ? undefined : formatOf(type);
  if (format === undefined) return { refused: 'media_type_unsupported' };
  const read = readContent(format, body, limits);
  return read.ok ? { content: read.content } : { refused: `body_malformed (${read.problem})` };
}

/** The rules, ready to judge requests. */
export interface Bench {
  /** Which rules match, at all levels of paranoia; refused: why the body is refused before any rule. */
  readonly judge: (request: NormalRequest) => { readonly ids: ReadonlySet<string>; readonly refused?: string };
  /** Ids of the rules that are loaded. */
  readonly loaded: ReadonlySet<string>;
  close(): void;
}

/** Compiles the rule set once, with all levels of paranoia, for an engine. */
export function openBench(set: CoreRuleSet, choice: EngineChoice): Bench {
  const { context, issues } = recordIssues({ ...textsOf(set), 'crs/crs-setup.conf': setup });
  const { rules } = compileCrs(context.directory('crs'), (message) => context.issue([], message));
  const { detector, problems } = compileDetector(rules, compileExclusions([]), openEngine(choice));
  assert.deepEqual([issues, [...problems]], [[], []]);
  return {
    loaded: new Set(rules.map(({ id }) => id)),
    judge: (request) => {
      const { content, refused } = readBody(request);
      const subject = { request, parameters: new Map(), rule: 'crs', principal: undefined };
      const { matches, complete } = detector.detect(openView({ subject, content, proven: () => false }), budgetMs);
      assert.ok(complete, 'the time for one request was spent');
      return { ids: new Set(matches.map(({ rule }) => rule.id)), ...(refused === undefined ? {} : { refused }) };
    },
    close: () => detector.close(),
  };
}
