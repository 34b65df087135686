import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aSubject } from '../../test/support/requests.ts';
import type { Claims } from '../core/principal.ts';
import { compileTemplate } from './template.ts';

function fill(text: string, claims: Claims = {}): string | undefined {
  const { context, issues } = recordIssues();
  const template = compileTemplate(text, context);
  assert.deepEqual(issues, []);
  return template.fill(aSubject({ parameters: { id: '7' }, principal: { claims } }));
}

test('references are filled in among plain text', () => {
  assert.equal(fill('{route}/{path.id} for {principal.id}'), 'orders/7 for alice');
  assert.equal(fill('plain'), 'plain');
  assert.equal(fill(''), '');
});

test('a value that is not there leaves the whole header away', () => {
  assert.equal(fill('tenant-{claims.tenant}'), undefined);
  assert.equal(fill('{claims.toString}'), undefined);
});

test('a value that no header may carry leaves the whole header away', () => {
  for (const tenant of ['a\r\nx-role: admin', 'a\0', 'a\u0085b', '\u007f', 'a\u2028b', 'a\tb', ' a', 'a ']) {
    assert.equal(fill('{claims.tenant}', { tenant }), undefined);
  }
  assert.equal(fill('{claims.tenant}', { tenant: 'Zürich 東京' }), 'Zürich 東京');
});

test('what is no reference is an issue', () => {
  for (const text of ['{', 'a}', '{claims}', '{claims.}', '{nobody}', '{{route}}']) {
    const { context, issues } = recordIssues();
    compileTemplate(text, context);
    assert.ok(issues.length > 0, text);
  }
});

test('plain text that no header may carry is an issue', () => {
  for (const text of ['a\r\nb: c', 'a\0b', ' a', 'a {route} ']) {
    const { context, issues } = recordIssues();
    compileTemplate(text, context);
    assert.equal(issues.length, 1, text);
  }
});

test('a template says whether it needs a principal', () => {
  const { context } = recordIssues();
  assert.equal(compileTemplate('{claims.tenant}', context).needsPrincipal, true);
  assert.equal(compileTemplate('{route}', context).needsPrincipal, false);
});
