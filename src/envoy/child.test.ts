import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startChild } from './child.ts';
import { answersOk, tail, waitFor } from './condition.ts';
import { SetupProblem } from './problem.ts';

const shell = (script: string, more: { readonly logFile?: string } = {}) =>
  startChild({ name: 'the shell', command: '/bin/sh', args: ['-c', script], ...more });
const wrote = (child: Awaited<ReturnType<typeof shell>>, text: string) =>
  waitFor({ what: `it wrote ${text}`, holds: async () => child.output().includes(text), child });

test('tells how it ended and what it wrote', async () => {
  const child = await shell('echo out; echo err >&2; exit 3');
  assert.equal(await child.ended, 'exit code 3');
  assert.equal(child.hasEnded(), true);
  assert.equal(child.stdout(), 'out\n');
  assert.deepEqual(child.output().split('\n').toSorted(), ['', 'err', 'out']);
  assert.match(tail(child, 1), /^\n(out|err)$/);
  child.signal('SIGTERM');
  await child.stop();
});

test('writes its output to a file too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-child-'));
  const logFile = join(folder, 'log');
  const child = await shell('echo one; echo two', { logFile });
  await child.ended;
  assert.equal(await readFile(logFile, 'utf8'), 'one\ntwo\n');
  await rm(folder, { recursive: true });
});

test('a log that cannot be written ends nothing', async () => {
  const child = await shell('echo one', { logFile: '/no/such/folder/log' });
  assert.equal(await child.ended, 'exit code 0');
  assert.equal(child.stdout(), 'one\n');
});

test('stops by SIGTERM, and by SIGKILL who will not hear', async () => {
  const polite = await shell('trap "exit 0" TERM; echo ready; while :; do sleep 0.05; done');
  await wrote(polite, 'ready');
  await polite.stop();
  assert.equal(await polite.ended, 'exit code 0');
  const deaf = await shell('trap "" TERM; echo ready; while :; do sleep 0.05; done');
  await wrote(deaf, 'ready');
  await deaf.stop(50);
  assert.equal(await deaf.ended, 'signal SIGKILL');
});

test('what cannot be started is a problem of the setup', async () => {
  const starting = startChild({ name: 'Nobody', command: '/no/such/binary', args: [] });
  await assert.rejects(
    starting,
    (error: unknown) => error instanceof SetupProblem && /^Nobody cannot/.test(error.message),
  );
});

test('waiting ends with the child, with the bound and with the signal', async () => {
  const never = async (): Promise<boolean> => false;
  const child = await shell('echo last words; exit 1');
  await assert.rejects(
    waitFor({ what: 'it sings', holds: never, child }),
    /exit code 1\) before it sings\.\nlast words/,
  );
  await assert.rejects(waitFor({ what: 'it sings', holds: never, boundMs: 10 }), /in vain: it sings/);
  await assert.rejects(waitFor({ what: 'it sings', holds: never, signal: AbortSignal.abort() }), /Stopped before/);
});

test('only 200 is an answer that is ok', async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/yes' ? 200 : 503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  assert.equal(await answersOk(`${base}/yes`), true);
  assert.equal(await answersOk(`${base}/no`), false);
  await new Promise((resolve) => server.close(resolve));
  assert.equal(await answersOk(`${base}/yes`), false);
});
