import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mediaTypeList, parseMediaType } from './media-type.ts';

test('a well-formed type in UTF-8 is taken in lower case', () => {
  const sound = [
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json ; charset="UTF-8"',
    'application/json;\tv=1; q="a; b" ;;charset=Utf-8; ',
  ];
  for (const value of sound) assert.equal(parseMediaType(value)?.type, 'application/json', value);
});

test('what is malformed or of another charset is no type', () => {
  const unsound = [
    '',
    'json',
    'application/',
    ' application/json',
    'application/json, text/plain',
    'application/json text/plain',
    'application/json;charset=utf-16',
    'application/json;charset=',
    'application/json;charset',
    'application/json;charset=utf-8;charset=utf-8',
    'application/json;charset=utf-8;Charset=utf-7',
    'application/json;a="x\\"y"',
    'application/json;a="x',
    'application/json\u0000',
    `application/json${'; '.repeat(50_000)}\u0001`,
  ];
  for (const value of unsound) assert.equal(parseMediaType(value), undefined, value.slice(0, 60));
});

test('a list takes its entries and, by a wildcard, types with the suffix', () => {
  const accepts = mediaTypeList(['Application/JSON', 'application/*+json']);
  for (const type of ['application/json', 'application/problem+json', 'application/a+b+json'])
    assert.ok(accepts(type), type);
  for (const type of ['text/json', 'text/x+json', 'application/jsonp', 'application/x+jsonp', 'application/json+x']) {
    assert.ok(!accepts(type), type);
  }
});
