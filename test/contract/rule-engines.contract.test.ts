import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CompiledProbes, Probe } from '../../src/inspect/attacks/engine.ts';
import { type EngineChoice, engines, openEngine } from '../../src/inspect/attacks/engines/index.ts';

const rx = (pattern: string, all = true): Probe => ({ operator: { kind: 'rx', pattern }, all });
const amplyMs = 30_000;

/** Patterns that hold what engines may take differently. */
const probes: readonly Probe[] = [
  rx('(?i)<script[^>]*>'),
  rx('^begin'),
  rx('end$'),
  rx('^$'),
  rx('(?s)a.b'),
  rx('\\bunion\\s+select\\b'),
  rx('[\\x80-\\xff]'),
  rx('(?i)s{2}'),
  rx('[^\\x20-\\x7e]'),
  rx('x{1000}'),
];

const texts: readonly string[] = [
  '',
  'plain',
  '<ScRiPt src=x>',
  'begin to end',
  'a\nb',
  '1 union  select 2',
  'Ünïcödé',
  '\u017f\u017f',
  '\u0000',
  '😀 <script>',
  'x'.repeat(1000),
];

const everything = probes.map((_, probe) => ({ probe, texts: texts.map((_text, index) => index) }));

function found(compiled: CompiledProbes, looks = everything, given = texts): readonly string[] {
  const { hits, complete } = compiled.run(given, looks, amplyMs);
  assert.ok(complete);
  return hits.map(({ probe, text }) => `${probe} ${text}`).toSorted();
}

const available = Object.values(engines).map((engine) => ({
  engine,
  skip: engine.unavailable() ?? false,
}));

const compiledFor = (name: EngineChoice, given: readonly Probe[] = probes): CompiledProbes => {
  const { compiled, problems } = openEngine(name).compile(given);
  assert.deepEqual([...problems], []);
  return compiled;
};

const expected = found(compiledFor('script'));

/** A text that takes backtracking engines long, and a pattern for it. */
const seeds: readonly (readonly [pattern: string, text: string])[] = [
  ['^(a+)+$', `${'a'.repeat(4000)}!`],
  ['(?i)(?:x|y|xy)*z', 'xy'.repeat(2000)],
  ['(.*)*=(.*)*;', '='.repeat(4000)],
  ['(?:[\\s"]*,?)*$x', ' "'.repeat(2000)],
];

for (const { engine, skip } of available) {
  const { name } = engine;
  const options = { skip: skip === false ? false : `here is no ${name} engine: ${skip}` };

  test(`${name}: finds what every engine finds`, options, () => {
    assert.deepEqual(found(compiledFor(name)), expected);
  });

  test(`${name}: says which patterns are none, by their index`, options, () => {
    const { problems } = engine.compile([rx('a'), rx('('), rx('b'), rx('[z')]);
    assert.deepEqual([...problems.keys()].toSorted(), [1, 3]);
    assert.deepEqual([...engine.compile([rx('(')]).problems.keys()], [0]);
    assert.deepEqual([...engine.compile([]).problems], []);
  });

  test(`${name}: finds what is behind 4,096 characters, and across any place where a text may be cut`, options, () => {
    const compiled = compiledFor(name, [rx('<script>'), rx('^<script>'), rx('<script>$')]);
    for (const before of ['x', 'é', '😀']) {
      for (let length = 3990; length < 4100; length += 7) {
        const text = `${before.repeat(length)}<script>`;
        assert.deepEqual(
          found(
            compiled,
            [0, 1, 2].map((probe) => ({ probe, texts: [0] })),
            [text],
          ),
          ['0 0', '2 0'],
        );
        assert.deepEqual(found(compiled, [{ probe: 2, texts: [0] }], [`${text}y`]), []);
      }
    }
  });

  test(`${name}: finds what holds from one end of a long text to the other`, options, () => {
    const compiled = compiledFor(name, [rx('^[a-z]+$'), rx('\\A(?:[^<]|\\$)*\\z'), rx('^[a-z]+$', false)]);
    const looks = [0, 1, 2].map((probe) => ({ probe, texts: [0] }));
    // More than once: an engine may learn which way is the cheaper.
    for (let time = 0; time < 5; time += 1) {
      assert.deepEqual(found(compiled, looks, ['a'.repeat(9000)]), ['0 0', '1 0', '2 0']);
      assert.deepEqual(found(compiled, looks, [`${'a'.repeat(6000)}<${'a'.repeat(6000)}`]), []);
    }
  });

  test(`${name}: finds the same each time it is asked`, options, () => {
    const compiled = compiledFor(name);
    const long = ['<script>', 'no', 'x'.repeat(1000)].map((text) => `${'ab '.repeat(3000)}${text} end`);
    const given = [...texts, ...long];
    const looks = probes.map((_, probe) => ({ probe, texts: given.map((_text, index) => index) }));
    const first = found(compiledFor('script'), looks, given);
    for (let time = 0; time < 6; time += 1) assert.deepEqual(found(compiled, looks, given), first);
  });

  test(`${name}: finds the 301st text, and every one of many`, options, () => {
    const compiled = compiledFor(name, [rx('needle'), rx('needle', false)]);
    const many = Array.from({ length: 700 }, (_, index) => (index % 100 === 50 || index === 300 ? 'a needle' : 'hay'));
    const all = many.map((_, index) => index);
    const wanted = all.filter((index) => many[index] !== 'hay');
    assert.deepEqual(found(compiled, [{ probe: 0, texts: all }], many), wanted.map((index) => `0 ${index}`).toSorted());
    const one = compiled.run(many, [{ probe: 1, texts: all }], amplyMs).hits;
    assert.equal(one.length, 1);
    assert.ok(wanted.includes(one[0]?.text ?? -1));
  });

  test(`${name}: looks for more probes than a library takes at once`, options, () => {
    const many = Array.from({ length: 600 }, (_, index) => rx(`needle${index}$`));
    const compiled = compiledFor(name, many);
    const looks = many.map((_, probe) => ({ probe, texts: [0] }));
    assert.deepEqual(found(compiled, looks, ['a needle599']), ['599 0']);
  });

  test(`${name}: knows injections from ordinary texts`, options, () => {
    const compiled = compiledFor(name, [
      { operator: { kind: 'sqli' }, all: true },
      { operator: { kind: 'xss' }, all: true },
    ]);
    const sqli = ["1' or '1'='1", "x' union select password from users--", '1; drop table users--'];
    const xss = ['<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<a href="javascript:alert(1)">x</a>'];
    const ordinary = ['hello world', "Conan O'Brien", 'a < b and c > d', '2026-01-01', 'Tom & Jerry'];
    const given = [...sqli, ...xss, ...ordinary];
    const all = given.map((_, index) => index);
    const told = found(
      compiled,
      [
        { probe: 0, texts: all },
        { probe: 1, texts: all },
      ],
      given,
    );
    for (const index of sqli.keys()) assert.ok(told.includes(`0 ${index}`), given[index]);
    for (const index of xss.keys()) assert.ok(told.includes(`1 ${sqli.length + index}`), xss[index]);
    for (const [index, text] of ordinary.entries()) {
      const at = sqli.length + xss.length + index;
      assert.ok(!told.includes(`0 ${at}`) && !told.includes(`1 ${at}`), text);
    }
  });

  test(`${name}: says so when its time is spent`, options, () => {
    const compiled = compiledFor(name, [rx('(?i)(a|b|ab)*c{10}')]);
    const long = Array.from({ length: 50 }, (_, index) => `${index}${'ab'.repeat(20_000)}`);
    const looks = [{ probe: 0, texts: long.map((_, index) => index) }];
    assert.equal(compiled.run(long, looks, 0).complete, false);
    assert.equal(compiled.run(long, looks, -1).complete, false);
  });

  test(`${name}: takes its time from the length of a text alone`, options, () => {
    for (const [pattern, text] of seeds) {
      const compiled = compiledFor(name, [rx(pattern)]);
      const { complete } = compiled.run([text], [{ probe: 0, texts: [0] }], amplyMs);
      assert.ok(complete, pattern);
    }
  });

  test(`${name}: no text is too odd for it`, options, () => {
    const compiled = compiledFor(name);
    const reference = compiledFor('script');
    const odd = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.constantFrom('<script>', '\ufffe', '\ufeff', '\u2028', '%00'),
    );
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 5 }), (given) => {
        const looks = probes.map((_, probe) => ({ probe, texts: given.map((_text, index) => index) }));
        assert.deepEqual(found(compiled, looks, given), found(reference, looks, given));
      }),
      { numRuns: 100 },
    );
  });
}

test('an engine that cannot run here is refused with the reason; auto always finds one', () => {
  assert.ok(Object.keys(engines).includes(openEngine('auto').name));
  assert.equal(openEngine('script').name, 'script');
});
