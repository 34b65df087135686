import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nativeEngine } from '../attacks/engines/native.ts';
import { inNativeCode, openDoor, showNativeCode } from '../attacks/engines/native-code.ts';
import { cutOffWith, guardExit } from './cut-off.ts';

const script = fileURLToPath(new URL('../../../test/support/cut-within-native-code.ts', import.meta.url));
const skip = nativeEngine.unavailable() ?? false;

for (const how of ['terminate', 'exit'])
  test(`a thread that is in native code does not take the process along: ${how}`, { skip }, async () => {
    const child = spawn(process.execPath, [script, how], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const [code, signal] = await once(child, 'close');
    assert.deepEqual({ code, signal }, { code: 7, signal: null }, said.slice(0, 500));
  });

test('who is barred does not get into native code, and who is within is not cut off', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const door = openDoor();
  let terminated = 0;
  const cutOff = cutOffWith({ terminate: async () => ++terminated }, door);
  showNativeCode(door.shared);
  context.after(() => showNativeCode(openDoor().shared));
  inNativeCode(() => {
    cutOff();
    context.mock.timers.tick(1000);
    assert.equal(terminated, 0);
  });
  context.mock.timers.tick(1000);
  assert.equal(terminated, 1);
  assert.throws(() => inNativeCode(() => assert.fail('within')), /about to end/);
  assert.equal(door.bar(), true);
  assert.throws(() =>
    inNativeCode(() => {
      throw new RangeError('of the call');
    }),
  );
});

test('the end of the process is watched as long as there are threads', () => {
  const before = process.listenerCount('exit');
  const [first, second] = [guardExit(openDoor()), guardExit(openDoor())];
  assert.equal(process.listenerCount('exit'), before + 1);
  first();
  assert.equal(process.listenerCount('exit'), before + 1);
  second();
  assert.equal(process.listenerCount('exit'), before);
});
