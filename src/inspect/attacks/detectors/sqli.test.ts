import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSqli } from './sqli.ts';

const attacks: Readonly<Record<string, readonly string[]>> = {
  'a condition that always holds': [
    "' or '1'='1",
    '" or ""="',
    "x' or 1=1--",
    "') or ('a'='a",
    "' or 1 -- -",
    "1' and 'x' like 'x",
    '7 or 7=7',
    '7) or (7=7',
    "a' || '1'='1",
    "' or not 1=2 #",
    "1' or 2 between 1 and 3--",
    "nobody' and password like 'a%",
    '5 and (8)=(8)',
  ],
  'a further query': [
    '1 union select null,null',
    "-1' UNION ALL SELECT name, pass FROM members-- -",
    '0 union distinct(select 1,2)',
    '1/**/union/*x*/select/**/password/**/from/**/accounts',
    '1 /*!50000union*/ /*!select*/ 1,2',
    '1e0union select 1',
    "x' intersect select 1, @@hostname",
    'un/**/ion sel/**/ect 1,2',
  ],
  'a nested query': [
    '(select version())',
    '1 and (select count(*) from staff) > 0',
    '7 - (select 1 from dual)',
    "'||(select pass from staff limit 1)||'",
  ],
  'a further statement': [
    '1; drop table invoices',
    "'; insert into staff values ('eve')--",
    "a'; exec xp_cmdshell 'dir'",
    "1; update staff set role = 'admin'",
    '3; declare @q varchar(99)',
    "9'; shutdown--",
  ],
  'waiting, reading and calling out': [
    '1 and sleep(5)',
    "' or benchmark(9000000, md5(1)) -- ",
    "1; waitfor delay '0:0:9'",
    '1 or pg_sleep(3)',
    "' and extractvalue(1, concat(0x7e, version()))",
    '1 union select load_file(0x2f6574632f706173737764)',
    "' into outfile '/srv/www/a.php",
    '1 and ascii(substring(user(),1,1)) > 64',
    "x' and utl_inaddr.get_host_name('a') is null",
  ],
  'counting columns': ["1' order by 9-- ", '1 order by 12', "' group by 2 having 1=1", '1 procedure analyse(1)'],
  'leaving out the rest': ["admin'--", "admin' #", "admin')/*", "root';--", "a','b','c')-- "],
  'an operation on the value': ["'='", "a'+'", "'-0#", "1'*'1"],
  'a catalogue': [
    '1 or 1 in (select table_name from information_schema.tables)',
    "x' and 1=(select 1 from sysobjects)",
  ],
};

const harmless = [
  '',
  "O'Neil",
  "D'Angelo & O'Brien-O'Hara",
  "it's 5 o'clock, isn't it?",
  "rock 'n' roll",
  "the '90s -- and the '80s",
  'select the best from our menu',
  'Please select one (or more) of the union representatives from the list',
  'The European Union selects members from each state',
  'drop the table off at the old house; update me when you are there',
  'order by phone, order by 5pm',
  '2 or 4 metal buttons',
  '1 and 1/2 cups',
  `5' or 6' tall, a 24" by 36" board`,
  'having fun where it matters',
  'a=1&b=2',
  'x = 5 and y is the other one',
  'if (a > b || c) { sleep(5); }',
  'time.sleep(5)',
  '{"a": "b", "c": [1, 2, "d"]}',
  "'a','b','c'",
  '"foo" OR bar',
  'C# and F#',
  '#hashtag -- not a comment',
  'He said "no" and left; she said "yes" or "maybe"',
  'status = open and priority = high',
  'between 1 and 3 of them',
  'SELECT * FROM products WHERE id = 42',
  "INSERT COIN; press 'start'",
  '50% off; use code SAVE',
  'user@example.com',
];

for (const [name, texts] of Object.entries(attacks)) {
  test(`finds ${name}`, () =>
    assert.deepEqual(
      texts.filter((text) => !isSqli(text)),
      [],
    ));
}

test('lets ordinary texts be', () => assert.deepEqual(harmless.filter(isSqli), []));

test('neither case nor white space matters', () => {
  for (const text of ["' Or '1' = '1", "'\tOR\n1\v=\f1--", '1\u00a0UNION\u00a0SELECT\u00a0NULL'])
    assert.ok(isSqli(text), text);
});

test('answers whatever the text is', () => {
  const piece = fc.constantFrom(
    "'",
    '"',
    '(',
    ')',
    '/*',
    '*/',
    '--',
    '#',
    ' or ',
    'union ',
    'select ',
    '=',
    '1',
    'a',
    '`',
    '[',
    '$$',
    ';',
    ',',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 60 }), (pieces) => {
      assert.equal(typeof isSqli(pieces.join('')), 'boolean');
    }),
    { numRuns: 500 },
  );
});

test('long repetitions are answered too', () => {
  for (const piece of ["'", '(', '/*', "' or ", '(select ', 'union(', '$a$', '[a', 'a.', '1 or ', '{', 'not ', '/*!'])
    assert.equal(typeof isSqli(piece.repeat(30_000)), 'boolean');
});
