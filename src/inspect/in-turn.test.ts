import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reads } from '../../test/support/processing.ts';
import { aSubject } from '../../test/support/requests.ts';
import { inTurn } from './in-turn.ts';

test('the second hears of a piece when the first is done with it, and of the next one after that', async () => {
  const first = Promise.withResolvers<void>();
  const heard: string[] = [];
  const both = inTurn(
    reads(() => ({
      push: async (piece) => {
        if (heard.length === 0) await first.promise;
        return { kind: 'forward', bytes: Buffer.concat([piece, Buffer.from('!')]) };
      },
      detail: () => ({ first: true }),
    })),
    reads(() => ({
      push: (piece, last) => {
        heard.push(`${Buffer.from(piece)}${last ? '.' : ''}`);
        return { kind: 'forward', bytes: piece };
      },
      detail: () => ({ second: true }),
    })),
  );
  const step = both?.({ status: undefined, headers: new Map(), endOfStream: false }, aSubject());
  assert.ok(step?.kind === 'read');
  const one = step.body.push(Buffer.from('a'), false);
  assert.deepEqual(heard, []);
  first.resolve();
  await one;
  assert.deepEqual(heard, ['a!']);
  await step.body.push(Buffer.from('b'), true);
  assert.deepEqual(heard, ['a!', 'b!.']);
  assert.deepEqual(step.body.detail(), { first: true, second: true });
});
