import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOtlpEndpoint } from './otlp-endpoint.ts';

const read = (text: string) => {
  const problems: string[] = [];
  const endpoint = readOtlpEndpoint(text, (problem) => problems.push(problem));
  return { endpoint, problems: problems.length };
};

test('a base URL is taken without a slash at its end, and none for none', () => {
  assert.deepEqual(read('http://127.0.0.1:4318/'), { endpoint: 'http://127.0.0.1:4318', problems: 0 });
  assert.deepEqual(read('https://collector.example/otlp'), { endpoint: 'https://collector.example/otlp', problems: 0 });
  assert.deepEqual(read(''), { endpoint: undefined, problems: 0 });
});

test('what no receiver can be is a problem', () => {
  for (const text of ['collector', 'ftp://a.example', 'http://a:b@c.example', 'http://a.example/?token=b']) {
    assert.deepEqual(read(text), { endpoint: undefined, problems: 1 }, text);
  }
});
