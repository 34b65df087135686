import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatIssue, formatPath, type Issue, shownFile, sortIssues } from './issue.ts';

const issue = (more: Partial<Issue>): Issue => ({ file: 'a', line: 1, col: 1, path: '.', message: 'm', ...more });

test('a path reads like code, and strange names are quoted', () => {
  assert.equal(formatPath([]), '.');
  assert.equal(formatPath(['rules', 2, 'match', 'path']), 'rules[2].match.path');
  assert.equal(formatPath(['roles', 'a b', 'x-y']), 'roles["a b"].x-y');
  assert.equal(formatPath([0, '']), '[0][""]');
});

test('an issue is one line, whatever its words hold', () => {
  assert.equal(
    formatIssue(issue({ file: 'b.yaml', line: 3, col: 7, path: 'rules[0]', message: 'a\nb\u001b[31m\u202e' })),
    'b.yaml:3:7 rules[0] a\\u{a}b\\u{1b}[31m\\u{202e}',
  );
});

test('a file is shown relative to the directory that it lies below, and absolute elsewhere', () => {
  assert.equal(shownFile('/a/b/c.yaml', '/a'), 'b/c.yaml');
  assert.equal(shownFile('c.yaml', '/a'), 'c.yaml');
  assert.equal(shownFile('..c.yaml', '/a'), '..c.yaml');
  assert.equal(shownFile('/b/c.yaml', '/a'), '/b/c.yaml');
  assert.equal(shownFile('../c.yaml', '/a/b'), '/a/c.yaml');
  assert.equal(shownFile('/a', '/a'), '/a');
});

test('issues are sorted by place and stand once', () => {
  const sorted = sortIssues([
    issue({ file: 'b' }),
    issue({ line: 10 }),
    issue({ line: 9, col: 2 }),
    issue({ line: 9, col: 2 }),
    issue({ line: 9, col: 1, path: 'b' }),
    issue({ line: 9, col: 1, path: 'a', message: 'z' }),
    issue({ line: 9, col: 1, path: 'a', message: 'y' }),
  ]);
  assert.deepEqual(sorted.map(formatIssue), [
    'a:9:1 a y',
    'a:9:1 a z',
    'a:9:1 b m',
    'a:9:2 . m',
    'a:10:1 . m',
    'b:1:1 . m',
  ]);
});
