import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { allowed, denied } from '../../../test/support/trails.ts';
import { type BuildContext, silentContext } from '../../core/build.ts';
import { systemClock } from '../../core/clock.ts';
import { buildAudit, createAudit } from '../index.ts';
import type { Demands } from './judge.ts';
import { openVerifier } from './verify.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const signing: BuildContext = {
  ...silentContext,
  at: () => signing,
  file: (name) => ({
    name,
    digest: '',
    bytes: Buffer.from(pem),
    text: pem,
    document: () => undefined,
    issue: () => {},
    issueAt: () => {},
  }),
};

/** What one process writes: a start, some decisions, and a stop. */
async function written(events: number, more: Parameters<typeof buildAudit>[0] = {}): Promise<readonly string[]> {
  let text = '';
  const stdout = new Writable({
    write: (chunk, _encoding, done) => {
      text += chunk;
      done();
    },
  });
  const audit = createAudit({ ...buildAudit(more, signing), clock: systemClock, stdout });
  audit.lifecycle({ activity: 'start', version: undefined });
  for (let at = 0; at < events; at += 1) {
    audit.record(at % 2 === 0 ? allowed() : denied('authorize', 'role_missing'));
    if (at % 3 === 0) await audit.flush();
  }
  audit.lifecycle({ activity: 'stop', version: 'v1' });
  await audit.close(1000);
  return text.split('\n').slice(0, -1);
}

const lax: Demands = { key: undefined, partial: false, ended: false };

function verify(files: Readonly<Record<string, readonly string[]>>, demands: Partial<Demands> = {}) {
  const verifier = openVerifier();
  for (const [file, lines] of Object.entries(files)) {
    for (const [index, text] of lines.entries()) verifier.add({ file, number: index + 1, text, ended: true });
  }
  return verifier.end({ ...lax, ...demands });
}

/** The first fault: `code line`. */
function faultOf(lines: readonly string[], demands: Partial<Demands> = {}): string | undefined {
  const { chains, faults } = verify({ f: lines }, demands);
  const found = [...faults, ...chains.flatMap(({ fault }) => fault ?? [])];
  return found[0] && found.map(({ code, line }) => `${code} ${line}`).join(', ');
}

const without = (lines: readonly string[], index: number): readonly string[] => lines.toSpliced(index, 1);
const signed: Partial<Demands> = { key: publicKey };
const keyed = { signing_key_file: 'audit.key' };

test('what was written holds, with and without checkpoints, in OCSF and in ECS', async () => {
  for (const encoding of ['ocsf', 'ecs'] as const) {
    const lines = await written(9, { sinks: [{ stdout: { encoding } }] });
    const { events, chains, faults } = verify({ f: lines }, { ended: true });
    assert.deepEqual(faults, []);
    assert.equal(events, 11);
    assert.deepEqual(
      chains.map(({ first, last, ended, fault }) => [first, last, ended, fault]),
      [[1, 11, true, undefined]],
    );
    const vouched = await written(9, { ...keyed, sinks: [{ stdout: { encoding } }] });
    assert.equal(vouched.length, 12);
    const [chain] = verify({ f: vouched }, { ...signed, ended: true }).chains;
    assert.deepEqual([chain?.fault, chain?.ended, chain?.vouched], [undefined, true, 11]);
  }
});

test('each way to tamper shows at its line', async () => {
  const lines = await written(9);
  const [one = '', two = '', three = '', four = '', five = ''] = lines;
  const tail = lines.slice(5);
  const other = (await written(9)).at(3) ?? '';
  assert.equal(faultOf([one, two, three.replace('"status_id":', '"status_id": '), four, five, ...tail]), 'changed 3');
  assert.equal(faultOf(without(lines, 3)), 'missing 4');
  assert.equal(faultOf(without(lines, 0)), 'missing 1');
  assert.equal(faultOf([one, two, four, three, five, ...tail]), 'reordered 3');
  assert.equal(faultOf([one, two, three, two, four, five, ...tail]), 'inserted 4');
  assert.equal(faultOf([...lines, two]), 'inserted 12');
  assert.equal(faultOf([one, two, three, other, four, five, ...tail]), 'missing 4');
  assert.equal(faultOf([one, '{"class_uid":6003}', ...lines.slice(1)]), 'unchained 2');
  assert.equal(faultOf([...lines.slice(0, -1), lines.at(-1)?.slice(0, -9) ?? '']), 'torn 11');
  assert.equal(faultOf([one, two.slice(0, 90), two, three, four, five, ...tail]), undefined);
  assert.equal(faultOf([one, two.slice(0, 90), three, four, five, ...tail]), 'torn 2, missing 3');
});

test('a batch that stands there twice is no fault, and is told', async () => {
  const lines = await written(9);
  const { chains, faults } = verify({ f: [...lines.slice(0, 6), ...lines.slice(2)] });
  assert.deepEqual([faults, chains[0]?.fault, chains[0]?.repeated], [[], undefined, 4]);
});

test('whoever writes a new hash breaks the next link, and whoever writes all anew has no signature', async () => {
  const lines = await written(9, keyed);
  const { hash } = await import('node:crypto');
  const reseal = (line: string, prev: string): string => {
    const open = line.replace(/"prev":"[0-9a-f]{64}","hash":"[0-9a-f]{64}"/, `"prev":"${prev}"`);
    return open.replace(/"prev":"[0-9a-f]{64}"/, `$&,"hash":"${hash('sha256', open)}"`);
  };
  const hashOf = (line: string): string => /"hash":"([0-9a-f]{64})"\}+$/.exec(line)?.[1] ?? '';
  const forged = lines.map((line, index) => (index === 3 ? line.replace('"status_id":1', '"status_id":2') : line));
  const one = forged.map((line, index) => (index === 3 ? reseal(line, hashOf(forged[2] ?? '')) : line));
  assert.equal(faultOf(one), 'changed 5');
  let prev = '0'.repeat(64);
  const all = forged.map((line) => {
    const sealed = reseal(line, prev);
    prev = hashOf(sealed);
    return sealed;
  });
  assert.match(faultOf(all, signed) ?? '', /forged 12/);
  assert.match(faultOf(all.slice(0, -1), signed) ?? '', /unsigned 11/);
  const stranger: KeyObject = generateKeyPairSync('ed25519').publicKey;
  assert.equal(faultOf(lines, { key: stranger }), 'forged 12');
});

test('an end that was cut off shows', async () => {
  const lines = await written(9, keyed);
  assert.equal(faultOf(lines.slice(0, -1)), 'cut 11');
  assert.equal(faultOf(lines.slice(0, 8), { ended: true }), 'cut 8');
  assert.equal(faultOf(lines.slice(0, 8)), undefined);
  const more = [...lines, ...(await written(2, keyed))];
  assert.equal(faultOf(more, { ...signed, ended: true }), undefined);
});

test('chains of several processes and rotated files are put together by what they say', async () => {
  const [a, b] = [await written(20), await written(20)];
  const woven = a.flatMap((line, index) => [line, b[index] ?? '']);
  const files = { new: woven.slice(30), old: woven.slice(0, 11), middle: woven.slice(11, 30) };
  assert.ok(verify(files).chains.every(({ fault }) => fault === undefined));
  const { chains } = verify({ ...files, middle: [] });
  assert.deepEqual(
    chains.map(({ fault }) => [fault?.code, fault?.file]),
    [
      ['missing', 'new'],
      ['missing', 'new'],
    ],
  );
  assert.ok(verify({ new: woven.slice(30) }, { partial: true }).chains.every(({ fault }) => fault === undefined));
});
