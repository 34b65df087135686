import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock } from '../../core/clock.ts';
import type { Log } from '../../core/ports.ts';
import type { Lost } from '../gap.ts';
import type { AuditEvent } from '../ocsf.ts';
import type { Source } from '../source.ts';
import { lifecycleEvent } from '../system-event.ts';
import type { View } from '../view.ts';
import { SpoolError } from './shelf.ts';
import { openSpool } from './spool.ts';

const eventOf = (sequence: number, kind: AuditEvent['kind'] = 'deny'): AuditEvent => ({
  ...lifecycleEvent(
    { activity: 'start', version: 'x'.repeat(500) },
    { uid: `u${sequence}`, sequence, timeMs: 0 },
    origin,
  ),
  kind,
});
const origin = { version: '1', instanceId: 'i' };
const everything: View = { accepts: () => true, shape: (event) => event, encoding: { braces: 3 } };

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-spool-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function open(
  folder: string,
  more: { readonly maxBytes?: number; readonly strict?: boolean; readonly view?: View; readonly from?: number } = {},
) {
  const lost: Lost[] = [];
  const messages: string[] = [];
  const note: Log['info'] = (_fields, message) => messages.push(message);
  const spool = openSpool({
    folder,
    maxBytes: more.maxBytes ?? 1024 ** 3,
    sync: 'always',
    bound: { events: 1000, bytes: 10_000_000 },
    retryMs: 1,
    strict: more.strict ?? false,
    clock: systemClock,
    log: { info: note, warn: note, error: note },
    kept: () => {},
    lose: (event) => lost.push(event),
  });
  const source = spool.source('sink', more.view ?? everything)((event) => lost.push(event));
  return { spool, source, lost, messages };
}

async function drain(source: Source): Promise<readonly number[]> {
  const all: number[] = [];
  while (source.bytes > 0) {
    all.push(...(await source.take()).map(({ sequence }) => sequence));
    source.settle();
  }
  return all;
}

const numbers = (length: number, from = 1): readonly number[] => Array.from({ length }, (_, index) => index + from);

test('a sink gets all in order, and goes on where it was after a restart', async (context) => {
  const folder = folderOf(context);
  const first = open(folder);
  for (const at of numbers(30)) first.spool.append(eventOf(at, at % 3 === 0 ? 'allow' : 'deny'));
  await first.spool.flush();
  assert.deepEqual(await drain(first.source), numbers(30));
  for (const at of numbers(10, 31)) first.spool.append(eventOf(at, at % 2 === 0 ? 'allow' : 'deny'));
  await first.spool.flush();
  assert.equal((await first.source.take()).length, 10);
  await first.spool.close();

  const second = open(folder);
  assert.deepEqual(await drain(second.source), numbers(10, 31));
  second.spool.append(eventOf(41));
  await second.spool.flush();
  assert.deepEqual(await drain(second.source), [41]);
  await second.spool.close();
  // What everybody has had is gone.
  assert.deepEqual(readdirSync(folder).filter((name) => name.endsWith('.spool')).length, 1);
  assert.ok(readdirSync(folder).every((name) => (statSync(join(folder, name)).mode & 0o077) === 0));
});

test('when only the place of a sink is left, new events are not taken for read ones', async (context) => {
  const folder = folderOf(context);
  const first = open(folder, { maxBytes: 16_000 });
  for (const at of numbers(20)) {
    first.spool.append(eventOf(at));
    await first.spool.flush();
    await drain(first.source);
  }
  await first.spool.close();
  for (const name of readdirSync(folder)) if (name.endsWith('.spool')) rmSync(join(folder, name));

  const second = open(folder);
  for (const at of numbers(3, 21)) second.spool.append(eventOf(at));
  await second.spool.flush();
  assert.deepEqual(await drain(second.source), [21, 22, 23]);
  await second.spool.close();
});

test('the place of a sink that is configured no more holds nothing up', async (context) => {
  const folder = folderOf(context);
  const first = open(folder, { maxBytes: 16_000 });
  first.spool.source('dropped', everything)(() => {});
  for (const at of numbers(30)) {
    first.spool.append(eventOf(at));
    await first.spool.flush();
    await drain(first.source);
  }
  await first.spool.close();
  const spooled = (): number => readdirSync(folder).filter((name) => name.endsWith('.spool')).length;
  assert.ok(spooled() > 1);

  const second = open(folder, { maxBytes: 16_000 });
  second.spool.append(eventOf(31));
  await second.spool.flush();
  assert.deepEqual(await drain(second.source), [31]);
  await second.spool.close();
  assert.equal(spooled(), 1);
});

test('what a filter leaves out is passed over', async (context) => {
  const view: View = { ...everything, accepts: ({ sequence }) => sequence % 2 === 0 };
  const { spool, source } = open(folderOf(context), { view });
  for (const at of numbers(9)) spool.append(eventOf(at));
  await spool.flush();
  assert.deepEqual(await drain(source), [2, 4, 6, 8]);
  await spool.close();
});

test('a full spool loses its oldest allows first, and tells of each', async (context) => {
  const { spool, source, lost, messages } = open(folderOf(context), { maxBytes: 80_000 });
  for (const at of numbers(200)) {
    spool.append(eventOf(at, at % 10 === 0 ? 'deny' : 'allow'));
    if (at % 5 === 0) await spool.flush();
  }
  await spool.flush();
  const had = await drain(source);
  assert.ok(lost.length > 0);
  assert.ok(lost.every(({ kind }) => kind === 'allow'));
  assert.deepEqual(
    [...had, ...lost.map(({ sequence }) => sequence)].toSorted((a, b) => a - b),
    numbers(200),
  );
  assert.ok(messages.includes('the audit spool is full; its oldest events are lost'));
  for (const at of numbers(300, 201)) spool.append(eventOf(at));
  await spool.flush();
  const denials = await drain(source);
  assert.ok(denials.length < 300 && denials.at(-1) === 500);
  assert.equal(denials.length + lost.filter(({ kind }) => kind === 'deny').length, 300);
  await spool.close();
});

test('a full strict spool loses nothing that waits: it refuses until its sinks have had something', async (context) => {
  const { spool, source, lost, messages } = open(folderOf(context), { maxBytes: 20_000, strict: true });
  const insist = (at: number): Promise<boolean> => new Promise((resolve) => spool.append(eventOf(at), resolve));
  const kept: number[] = [];
  const refused: number[] = [];
  for (const at of numbers(50)) ((await insist(at)) ? kept : refused).push(at);
  assert.ok(kept.length > 10 && refused.length > 0);
  assert.deepEqual(
    lost.map(({ sequence }) => sequence),
    refused,
  );
  // Who does not insist waits.
  spool.append(eventOf(51));
  await spool.flush();
  assert.equal(spool.waiting, 1);
  assert.deepEqual(await drain(source), kept);
  assert.ok(await insist(52));
  assert.deepEqual(await drain(source), [51, 52]);
  assert.deepEqual(messages, ['the audit spool is full', 'the audit spool can be written again']);
  await spool.close();
});

test('an event that was torn by the end of a process is told and left out, and so is a damaged one', async (context) => {
  const folder = folderOf(context);
  const first = open(folder);
  for (const at of numbers(3)) first.spool.append(eventOf(at));
  await first.spool.flush();
  await first.spool.close();
  const [segment = ''] = readdirSync(folder).filter((name) => name.endsWith('-kept.spool'));
  appendFileSync(join(folder, segment), 'ffff\t17179869184\t{"kind":"deny"}\t{}\nabcd\t171798');
  const second = open(folder);
  assert.deepEqual(await drain(second.source), [1, 2, 3]);
  assert.deepEqual(second.messages, [
    'what an audit spool holds is damaged; it is left out',
    'what an audit spool holds ends in the middle of an event; it is left out',
  ]);
  assert.deepEqual(
    second.lost.map(({ kind, sequence }) => [kind, sequence]),
    [
      ['deny', 3],
      ['deny', 3],
    ],
  );
  await second.spool.close();
});

test('a segment that cannot be read just now is read later; one that is gone is lost, and told', async (context) => {
  const folder = folderOf(context);
  const { spool, source, lost, messages } = open(folder);
  for (const at of numbers(3)) spool.append(eventOf(at));
  await spool.flush();
  const [name = ''] = readdirSync(folder).filter((one) => one.endsWith('-kept.spool'));
  const [segment, aside] = [join(folder, name), join(folder, 'aside')];
  renameSync(segment, aside);
  mkdirSync(segment);
  assert.deepEqual(await source.take(), []);
  assert.ok(source.stuck && source.bytes > 0);
  rmdirSync(segment);
  renameSync(aside, segment);
  assert.deepEqual(await drain(source), [1, 2, 3]);
  assert.ok(!source.stuck);
  assert.deepEqual(lost, []);

  for (const at of numbers(5, 4)) spool.append(eventOf(at));
  await spool.flush();
  rmSync(segment);
  assert.deepEqual(await drain(source), []);
  assert.equal(lost.length, 5);
  assert.deepEqual(messages, [
    'what an audit spool holds cannot be read just now',
    'what an audit spool holds is gone; it is left out',
  ]);
  await spool.close();
});

test('while the disk fails events wait, whoever insists is told, and nothing is lost for the others', async (context) => {
  const root = folderOf(context);
  const folder = join(root, 'spool');
  const { spool, source, lost, messages } = open(folder);
  rmSync(folder, { recursive: true });
  spool.append(eventOf(1));
  await spool.flush();
  const insisted = Promise.withResolvers<boolean>();
  spool.append(eventOf(2), insisted.resolve);
  assert.equal(await insisted.promise, false);
  assert.deepEqual(
    lost.map(({ sequence }) => sequence),
    [2],
  );
  mkdirSync(folder);
  while (source.bytes === 0) {
    await spool.flush();
    await nextTurn();
  }
  assert.deepEqual(await drain(source), [1]);
  const again = Promise.withResolvers<boolean>();
  spool.append(eventOf(3), again.resolve);
  assert.equal(await again.promise, true);
  assert.deepEqual(messages, ['the audit spool cannot be written', 'the audit spool can be written again']);
  await spool.close();
});

test('a spool that is no directory cannot be had', (context) => {
  const file = join(folderOf(context), 'file');
  writeFileSync(file, '');
  assert.throws(() => open(file), SpoolError);
});

test('a spool belongs to one living process', (context) => {
  const folder = folderOf(context);
  const birth = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  writeFileSync(join(folder, 'owner'), `${process.ppid} ${birth}`);
  assert.throws(() => open(folder), SpoolError);
  // Another process with the same number, and one that is gone.
  for (const owner of [`${process.ppid} 1`, `${2 ** 22 + 1} 1`, 'junk']) {
    writeFileSync(join(folder, 'owner'), owner);
    void open(folder).spool.close();
  }
});
