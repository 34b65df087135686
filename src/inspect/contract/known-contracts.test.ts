import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ok, openapi } from '../../../test/support/contracts.ts';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { buildInspection, inlinePool } from '../index.ts';
import { type ContractSpec, knownContract, openContract, prepareContract, sharedJson } from './known-contracts.ts';

const never = new AbortController().signal;

function specOf(digest: string, paths: number, more: object = {}): ContractSpec {
  const list = Array.from({ length: paths }, (_, index) => [`/p${index}`, { get: { ...ok, ...more } }]);
  return { digest, json: sharedJson(JSON.parse(openapi(Object.fromEntries(list)))), basePath: undefined };
}

async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let [turns, over] = [0, false];
  const others = (async () => {
    while (!over) {
      await setImmediate();
      turns += 1;
    }
  })();
  await work();
  over = true;
  await others;
  return turns;
}

test('others have their turn after each path of a contract that is prepared', async () => {
  assert.ok((await turnsDuring(() => prepareContract(specOf('turns', 50), never))) >= 50);
});

test('others have their turn after each schema too, where all have to be compiled at once', async () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } }, unevaluatedProperties: false };
  const parameters = [{ name: 'q', in: 'query', content: { 'application/json': { schema } } }];
  assert.ok((await turnsDuring(() => prepareContract(specOf('together', 20, { parameters }), never))) >= 40);
});

test('a contract that is known is the same for whoever asks, and its file is not even looked at', async () => {
  const spec = specOf('known', 3);
  const prepared = await prepareContract(spec, never);
  assert.equal(await prepareContract(spec, never), prepared);
  assert.equal(openContract(spec, assert.fail), prepared);
  assert.equal(knownContract({ digest: 'known', basePath: undefined }), prepared);
  assert.equal(knownContract({ digest: 'known', basePath: '/v1' }), undefined);
  const { context, issues } = recordIssues();
  const file = { name: 'a', digest: 'known', document: assert.fail, issue: assert.fail, issueAt: assert.fail };
  const at = { ...context, file: () => ({ ...file, bytes: new Uint8Array(), text: '' }) };
  const options = { payload: { openapi_file: 'a' }, pathParameters: [] };
  const given = { ...context, at: () => ({ ...context, at: () => at }) };
  buildInspection(options, given, inlinePool);
  assert.deepEqual(issues, []);
});

test('a preparation that nobody waits for any more ends', async () => {
  const ending = new AbortController();
  const preparing = prepareContract(specOf('ending', 50), ending.signal);
  ending.abort();
  await assert.rejects(preparing, { name: 'AbortError' });
  assert.equal(knownContract({ digest: 'ending', basePath: undefined }), undefined);
});
