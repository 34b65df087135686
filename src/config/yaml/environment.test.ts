import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { substituteFrom } from './environment.ts';

const env = { HOST: 'example.com', PORT: '8080', EMPTY: '', TRICK: `\${HOST}`, FLAG: 'true', ZERO: '010', NIL: 'null' };
const substitute = substituteFrom(env);

for (const [text, plain, value] of [
  [`https://\${HOST}/x`, true, 'https://example.com/x'],
  [`\${PORT}`, true, 8080],
  [`\${PORT}`, false, '8080'],
  [`\${FLAG}`, true, true],
  [`\${FLAG}`, false, 'true'],
  [`\${NIL}`, true, null],
  [`\${ZERO}`, true, 10],
  [`\${EMPTY}`, true, ''],
  [`\${EMPTY:-x}`, true, 'x'],
  [`\${NONE:-}`, false, ''],
  [`\${NONE:-a:b-/c}`, false, 'a:b-/c'],
  [`\${HOST:-other}`, false, 'example.com'],
  [`\${TRICK}`, false, `\${HOST}`],
  [`$\${HOST}`, false, `\${HOST}`],
  [`$$\${HOST}`, false, `$\${HOST}`],
  [`$\${PORT}`, true, `\${PORT}`],
  ['^a$', true, '^a$'],
  ['$HOST $', true, '$HOST $'],
  [`\${HOST}:\${PORT}`, true, 'example.com:8080'],
] as const) {
  test(`${plain ? 'plain' : 'quoted'} ${text} is ${JSON.stringify(value)}`, () => {
    const result = substitute(text, plain);
    assert.deepEqual(result.problems, []);
    assert.equal(result.value, value);
  });
}

for (const text of [`\${`, `\${}`, `\${1A}`, `\${A B}`, `\${A:-\${B}}`, `\${HOST-x}`, `\${HOST`]) {
  test(`${text} is a problem`, () => {
    assert.match(substitute(text, true).problems[0] ?? '', /that is no \$\{NAME\}/);
  });
}

test('every missing variable is named, and no value is', () => {
  const { problems } = substitute(`\${A}\${HOST}\${toString}\${B:-x}`, true);
  assert.equal(problems.length, 2);
  assert.match(problems[0] ?? '', /variable A,/);
  assert.match(problems[1] ?? '', /variable toString,/);
});

test('a text without an opening is never touched', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes(`\${`)),
      (text) => assert.deepEqual(substitute(text, true), { value: text, changed: false, problems: [] }),
    ),
  );
});

test('what a variable brings into quotes arrives as it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.equal(substituteFrom({ A: text })(`<\${A}>`, false).value, `<${text}>`);
    }),
  );
});
