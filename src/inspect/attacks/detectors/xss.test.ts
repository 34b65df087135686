import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isXss } from './xss.ts';

const attacks: Readonly<Record<string, readonly string[]>> = {
  'elements that run or load': [
    '<script>alert(1)</script>',
    '<SCRIPT SRC=//evil.example/x.js>',
    '<script/x>',
    '"><script>x',
    '<iframe src=//evil.example>',
    '<iframe src="https://www.youtube.com/embed/a" src="//evil.example">',
    '<iframe src="https://www.youtube.com/embed/a" srcdoc="<b>">',
    '<iframe src="https://www.youtube.com.evil.example/embed/a">',
    '<iframe src="https://www.youtube.com/embed/a" onload=alert(1)>',
    '<svg/onload=alert(1)>',
    '<object data=x>',
    '<meta http-equiv=refresh content="0;url=//evil.example">',
    '<base href=//evil.example>',
    '<b <script>alert(1)</script>',
    '<!-- --><script>x</script>',
    '<p title="</p><script>x</script>">',
    '<sc\0ript>alert(1)</script>',
  ],
  events: [
    '<img src=x onerror=alert(1)>',
    '<img src=x onerror = "alert(1)">',
    '<div/onmouseover=alert`1`>',
    '<a x="y"onclick=a()>',
    '" onfocus=alert(1) autofocus x="',
    "' onmouseover='alert(1)",
    'x onerror=alert(1)',
    '<img src=x onerror={alert(1)}>',
    '<b onclick={(alert)(1)}>',
    '<b onclick={(()=1)}{alert(1)}>',
    '<details open ontoggle=&#97;lert(1)>',
  ],
  'addresses with a program': [
    '<a href="javascript:alert(1)">',
    "<a href='java\tscript:alert(1)'>",
    '<a href=&#106;avascript&colon;alert(1)>',
    '<a href="  vbscript:x">',
    '<form action=javascript:alert(1)>',
    '<img src="data:text/html,<b>">',
    'javascript:alert(1)',
    'JaVaScRiPt:confirm`1`',
    'javascript:void(0);alert(1)',
    '<a href="javascript:void(alert(1))">',
    'data:text/html;base64,PHNjcmlwdD4=',
  ],
  styles: [
    '<p style="width:expression(alert(1))">',
    '<p style="background:url(javascript:x)">',
    '<p style="behavior:url(x)">',
    '<style>p { background: url("javascript:x") }</style>',
    '<style>@import "//evil.example/a.css";</style>',
    '<style>p { width: e\\xpression(alert(1)) }</style>',
    '<style>p { color: red }</style onload=x><style/onload=alert(1)>',
  ],
  markup: [
    '<!--[if IE]><b><![endif]-->',
    '<!DOCTYPE a [<!ENTITY b "c">]>',
    '<!ENTITY a SYSTEM "file:///x">',
    '<?import namespace=x>',
  ],
};

const harmless = [
  '',
  'a < b and c > d',
  'x<y',
  '<3 <3 <3',
  '<p>Hello <b>world</b></p>',
  '<a href="https://example.com/?a=1">a link</a>',
  '<img src="https://example.com/a.png" alt="one">',
  '<img src="data:image/png;base64,iVBORw0KGgo=">',
  'JavaScript: the parts that I like',
  'javascript',
  'Tom & Jerry <tom@example.com>',
  'List<String> names = new ArrayList<>();',
  'if (a<b && c>d) return;',
  'online=true&one=1&onboarding=done',
  'once = "twice"',
  'onY29va2llcw==',
  '<!-- a note -->',
  '<p style="color: red">',
  '<style>.note p { margin: 0; color: #333 }</style><p class="note">Hello</p>',
  '<iframe width="560" height="315" src="https://www.youtube-nocookie.com/embed/a1b2" allowfullscreen></iframe>',
  '<a href="javascript:void(0)">More</a>',
  'javascript:void(0);',
  '<button onClick={() => save(1)}>Save</button>',
  '<Input onChange={({ target }) => set(target.value)} onBlur={(event) => check(event)} />',
  '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">',
  'std::vector<int> v; for (auto i=0; i<v.size(); i++)',
];

for (const [name, texts] of Object.entries(attacks)) {
  test(`finds ${name}`, () =>
    assert.deepEqual(
      texts.filter((text) => !isXss(text)),
      [],
    ));
}

test('lets ordinary texts be', () => assert.deepEqual(harmless.filter(isXss), []));

test('answers whatever the text is', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '<a ',
    '<!--',
    '-->',
    '"',
    "'",
    '`',
    '=',
    ' on',
    'href=',
    '&#x6a;',
    '/',
    '<script',
    '\0',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 60 }), (pieces) => {
      assert.equal(typeof isXss(pieces.join('')), 'boolean');
    }),
    { numRuns: 500 },
  );
});

test('long repetitions are answered too', () => {
  for (const piece of ['<a ', '<', '<!--', '<a href=', '&#x', '<a on=', '<a style=/*', 'j a ', '<a title="<'])
    assert.equal(typeof isXss(piece.repeat(30_000)), 'boolean');
});
