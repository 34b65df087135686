import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { curlLine, type TourStep, tour } from './tour.ts';

const run = promisify(execFile);
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-tour-'));
  // Stand-ins that tell what the shell made of the line.
  await writeFile(join(folder, 'curl'), '#!/bin/sh\nfor a; do echo "$a" >> "$OUT"; done\necho END >> "$OUT"\n', {
    mode: 0o755,
  });
  await writeFile(join(folder, 'npm'), '#!/bin/sh\nshift 4; echo "head.$*.tail"\n', { mode: 0o755 });
});
after(() => rm(folder, { recursive: true, force: true }));

/** The arguments of each curl that the line runs. */
async function pasted(line: string): Promise<readonly (readonly string[])[]> {
  const out = join(folder, 'out');
  await writeFile(out, '');
  const { PATH = '' } = process.env;
  await run('/bin/sh', ['-c', line], { env: { OUT: out, PATH: `${folder}${delimiter}${PATH}` } });
  const calls = (await readFile(out, 'utf8')).split('END\n').slice(0, -1);
  return calls.map((call) => call.split('\n').slice(0, -1));
}

test('the tour has the stations that people expect, in their order', () => {
  assert.deepEqual(
    tour.map(({ expected }) => expected.at(-1)),
    [401, 200, 403, 201, 422, 403, 422, 201, 200, 400, 401, 429, 200, 200],
  );
});

const isLogin = ({ credential }: TourStep): boolean => typeof credential === 'object' && 'login' in credential;

for (const step of tour.filter((one) => !isLogin(one))) {
  test(`the line of "${step.title}" can be pasted`, async () => {
    const calls = await pasted(curlLine(step, 8443, '.demo/ca.pem'));
    assert.equal(calls.length, step.expected.length);
    for (const args of calls) {
      assert.equal(args.at(-1), `https://localhost:8443${step.path}`);
      assert.equal(args[args.indexOf('--cacert') + 1], '.demo/ca.pem');
      assert.equal(args.includes('-d') ? args[args.indexOf('-d') + 1] : undefined, step.body);
      assert.equal(args.includes('-X') ? args[args.indexOf('-X') + 1] : undefined, step.method);
    }
  });
}

test('a login is for a browser: the line says where to go and who to be', () => {
  const [login, ...others] = tour.filter(isLogin);
  assert.ok(login !== undefined && others.length === 0);
  const line = curlLine(login, 8443, '.demo/ca.pem');
  for (const part of ['https://localhost:8443/account', 'alice', '.demo/ca.pem']) assert.ok(line.includes(part));
});

test('credentials come from the running demo, and the forged one has another payload', async () => {
  const lines = await Promise.all(
    ['bob reads', 'an API key', 'a forged token'].map(async (title) => {
      const step = tour.find((candidate) => candidate.title === title);
      assert.ok(step);
      return curlLine(step, 1, 'ca');
    }),
  );
  const headers = [];
  for (const line of lines)
    headers.push((await pasted(line))[0]?.find((arg) => /^(authorization|x-api-key):/.test(arg)));
  const forged = Buffer.from('{"sub":"carol"}').toString('base64url');
  assert.deepEqual(headers, [
    'authorization: Bearer head.token bob.tail',
    'x-api-key: head.key.tail',
    `authorization: Bearer head.${forged}.tail`,
  ]);
});
