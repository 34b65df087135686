import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { answerTo } from './http-answer.ts';
import { listenOnLoopback } from './servers.ts';

test('an answer is its status, its headers and its whole body', async (context) => {
  const server = await listenOnLoopback(0, (asked, response) => {
    response.setHeader('x-method', asked.method ?? '').writeHead(201);
    asked.pipe(response);
  });
  context.after(server.close);
  const options = { host: '127.0.0.1', port: server.port, method: 'PUT', agent: false };
  const { status, headers, body } = await answerTo(request(options), 'é'.repeat(100_000));
  assert.deepEqual([status, headers['x-method'], body.length], [201, 'PUT', 100_000]);
});

test('an answer that does not come, or breaks off, is an error', async (context) => {
  const server = await listenOnLoopback(0, ({ url }, response) => {
    if (url === '/half') response.writeHead(200, { 'content-length': 10 }).write('half', () => response.destroy());
  });
  context.after(server.close);
  const ask = (path: string, timeout: number) =>
    answerTo(request({ host: '127.0.0.1', port: server.port, path, agent: false, timeout }));
  await assert.rejects(ask('/half', 60_000), { code: 'ECONNRESET' });
  await assert.rejects(ask('/never', 1), /no answer to GET \/never in time/);
});
