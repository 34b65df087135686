import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileTemplate } from './template.ts';

const values: Readonly<Record<string, string>> = { 'tx.1': 'one', matched_var: '%{tx.1}$&' };
const filled = (template: string): string => compileTemplate(template)(({ name }) => values[name]);

test('macros are filled in any case, what is not known is empty, and values are taken as they are', () => {
  for (const [template, text] of [
    ['', ''],
    ['plain', 'plain'],
    ['%{tx.1}', 'one'],
    ['/%{MATCHED_VAR}/', '/%{tx.1}$&/'],
    ['a%{TX.1}b%{tx.2}c%{tx.1}', 'aonebcone'],
    ['%{}', ''],
    ['%{tx.1', '%{tx.1'],
    ['100%', '100%'],
  ] as const)
    assert.equal(filled(template), text, template);
});
