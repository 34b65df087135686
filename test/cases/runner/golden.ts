import { readFileSync, writeFileSync } from 'node:fs';
import { type Document, isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';

/** Writes outcomes as the expectations of a case file; what they say of the case stays, comments too. */
export function rewriteExpectations(path: string, outcomes: ReadonlyMap<string, unknown>): void {
  const document = parseDocument(readFileSync(path, 'utf8'));
  const cases = document.get('cases');
  for (const one of isSeq(cases) ? cases.items : []) {
    if (!isMap(one)) continue;
    one.flow = false;
    const outcome = outcomes.get(String(one.get('name')));
    if (outcome !== undefined) one.set('expect', expectation(document, outcome));
  }
  // No line is folded: a case is read by its lines.
  writeFileSync(path, visible(document.toString({ lineWidth: 0 })));
}

// Values with such characters stand in double quotes, where an escape says the same and can be seen.
const visible = (text: string): string =>
  text.replace(/[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu, (odd) => `\\u${odd.charCodeAt(0).toString(16).padStart(4, '0')}`);

function expectation(document: Document, outcome: unknown): YAMLMap {
  const node = document.createNode(outcome, { aliasDuplicateObjects: false });
  if (!isMap(node)) throw new TypeError('an outcome is an object');
  for (const { key, value } of node.items) {
    if (isMap(value) || (isSeq(value) && String(key) !== 'issues')) value.flow = true;
  }
  return node;
}

/** What a rewrite changes of what an expectation has said so far; what it has not said is no change. */
export function changeOfMeaning(before: unknown, after: unknown): string | undefined {
  const told = Object.keys(Object(before));
  const [was, is] = [before, after].map((value) => JSON.stringify(told.map((name) => Object(value)[name])));
  return was === is ? undefined : `${was} becomes ${is}`;
}
