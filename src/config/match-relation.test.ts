import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aRequest } from '../../test/support/requests.ts';
import { buildMatch, type MatchOptions } from './match.ts';
import { relationOf } from './match-relation.ts';

const paths = ['/**', '/a/**', '/a', '/a/', '/a/{x}', '/{x}/b', '/a/b', '/a/b/**', '/{x}/**', '/', '/b', '/a/b/c'];
const hosts = [undefined, ['a.test'], ['*.test'], ['b.a.test'], ['*.a.test'], ['A.test', 'other.example'], ['test']];
const methods = [undefined, ['GET'], ['GET', 'PUT'], ['PUT']];

const asked = {
  path: ['/', '/a', '/a/', '/a/b', '/a/c', '/a/b/', '/a/b/c', '/b', '/b/b', '/c/c/c', '/a/c/c', '/a//'],
  host: ['a.test', 'b.test', 'b.a.test', 'c.a.test', 'other.example', 'x.other.example', 'test', 'none.example'],
  method: ['GET', 'PUT', 'POST'],
};

function takes(match: MatchOptions, request: { path: string; host: string; method: string }): boolean {
  const { path, host, method } = request;
  const { consider } = buildMatch(match, recordIssues().context);
  return consider(aRequest({ segments: path.slice(1).split('/'), host, method })).matches;
}

/** What requests show of two matches: the samples are rich enough to tell every pair of the lists above. */
function shown(other: MatchOptions, match: MatchOptions, requests: readonly Parameters<typeof takes>[1][]): string {
  const both = requests.filter((request) => takes(match, request)).map((request) => takes(other, request));
  return both.every((one) => one) ? 'all' : both.some((one) => one) ? 'some' : 'none';
}

const plain = { path: '/a', host: 'a.test', method: 'GET' };

test('the relation of two paths is what requests show', () => {
  const requests = asked.path.map((path) => ({ ...plain, path }));
  for (const other of paths) {
    for (const path of paths) {
      assert.equal(
        relationOf({ path: other }, { path }),
        shown({ path: other }, { path }, requests),
        `${other} ${path}`,
      );
    }
  }
});

test('so is that of hosts and of methods', () => {
  for (const other of hosts) {
    for (const own of hosts) {
      const [one, two] = [other && { hosts: other }, own && { hosts: own }];
      const requests = asked.host.map((host) => ({ ...plain, host }));
      assert.equal(relationOf(one ?? {}, two ?? {}), shown(one ?? {}, two ?? {}, requests), `${other} ${own}`);
    }
  }
  for (const other of methods) {
    for (const own of methods) {
      const [one, two] = [other && { methods: other }, own && { methods: own }];
      const requests = asked.method.map((method) => ({ ...plain, method }));
      assert.equal(relationOf(one ?? {}, two ?? {}), shown(one ?? {}, two ?? {}, requests), `${other} ${own}`);
    }
  }
});

test('a match is within another where its path, its hosts and its methods are', () => {
  const match = { path: '/a/b', hosts: ['a.test'], methods: ['GET'] };
  assert.equal(relationOf({}, match), 'all');
  assert.equal(relationOf({ path: '/a/**', hosts: ['*.test'] }, match), 'all');
  assert.equal(relationOf({ path: '/a/**', hosts: ['*.test'], methods: ['PUT'] }, match), 'none');
  assert.equal(relationOf(match, {}), 'some');
});
