import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { demoPorts, type Ports, portNames, portsFrom, portVariables } from '../../src/demo/ports.ts';
import { tour } from '../../src/demo/tour.ts';
import { type Child, startChild } from '../../src/envoy/child.ts';
import { answersOk, waitFor } from '../../src/envoy/condition.ts';
import { freePorts } from '../support/ports.ts';

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
let folder: string;
let ports: Ports;
let env: NodeJS.ProcessEnv;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-demo-'));
  ports = await somePorts();
  // As without npm, whose end would be ours too.
  const { npm_lifecycle_event: _, ...plain } = process.env;
  env = { ...plain, ...portVariables(ports), PORTCULLIS_DEMO_DIR: folder };
});
after(() => rm(folder, { recursive: true, force: true }));

async function somePorts(): Promise<Ports> {
  const free = await freePorts(portNames.length);
  return portsFrom((name) => free[portNames.indexOf(name)] ?? 0);
}

/** Starts the demo and resolves when it has printed its last line. */
async function startDemo(): Promise<Child> {
  const child = await startChild({ name: 'the demo', command: process.execPath, args: [main, 'demo'], env });
  await waitFor({
    what: 'it is up',
    holds: async () => child.stdout().includes('Ctrl-C stops'),
    child,
    boundMs: 60_000,
  });
  return child;
}

/** Runs a subcommand of the demo to its end. */
function demo(args: readonly string[], more: NodeJS.ProcessEnv = {}) {
  return new Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>((resolve) => {
    execFile(process.execPath, [main, 'demo', ...args], { env: { ...env, ...more } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const isUp = (): Promise<boolean> => answersOk(`http://127.0.0.1:${ports.envoyAdmin}/ready`);
const isServing = (): Promise<boolean> => answersOk(`http://127.0.0.1:${ports.admin}/healthz`);
const allGone = (): Promise<void> =>
  waitFor({ what: 'nothing is left', holds: async () => !(await isUp()) && !(await isServing()) });

/** A second one names what is taken, and leaves the first alone. */
async function refuseASecondDemo(): Promise<void> {
  const second = await demo([]);
  assert.equal(second.code, 1);
  for (const name of portNames) {
    assert.ok(second.stderr.includes(`${ports[name]}`) && second.stderr.includes(demoPorts[name].variable));
  }
  const elsewhere = await demo([], portVariables(await somePorts()));
  assert.equal(elsewhere.code, 1);
  assert.match(elsewhere.stderr, /runs already.*PORTCULLIS_DEMO_DIR/);
  assert.equal((await demo(['token', 'bob'])).code, 0);
}

test('the demo serves, lends credentials, stands alone, and stops when it is told', async () => {
  const child = await startDemo();
  try {
    for (const { title } of tour) assert.ok(child.stdout().includes(title));
    const token = await demo(['token', 'alice']);
    assert.match(token.stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    assert.deepEqual({ code: token.code, stderr: token.stderr }, { code: 0, stderr: '' });
    const key = await demo(['key']);
    assert.equal(key.stdout, await readFile(join(folder, 'key'), 'utf8'));
    const unknown = await demo(['token', 'mallory']);
    assert.deepEqual({ code: unknown.code, stdout: unknown.stdout }, { code: 1, stdout: '' });
    assert.match(unknown.stderr, /alice, bob, carol/);
    await refuseASecondDemo();
  } finally {
    child.signal('SIGINT');
    await child.stop(30_000);
  }
  assert.equal(await child.ended, 'exit code 0');
  await allGone();
  assert.match((await demo(['token', 'alice'])).stderr, /not running/);
  assert.equal((await demo(['key'])).code, 1);
});

/** The process that this one has started with such an argument. */
async function childOf(parent: number, argument: string): Promise<number> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const [stat, line] = await Promise.all(
      ['stat', 'cmdline'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
    );
    // After the name, which may hold anything, come the state and the parent.
    const isChild = stat?.slice(stat.lastIndexOf(')')).split(' ')[2] === `${parent}`;
    if (isChild && line?.split('\0').includes(argument)) return Number(pid);
  }
  throw new Error(`process ${parent} has started no ${argument}`);
}

test('the death of a part ends the demo with a message', async () => {
  const child = await startDemo();
  const pid = await childOf(child.pid, 'serve');
  process.kill(pid, 'SIGKILL');
  assert.equal(await child.ended, 'exit code 1');
  assert.match(child.stdout(), /Portcullis ended by itself \(signal SIGKILL\)/);
  await allGone();
});

test('a demo that is killed leaves no orphan', async () => {
  const child = await startDemo();
  child.signal('SIGKILL');
  await child.ended;
  await allGone();
  assert.match((await demo(['token', 'alice'])).stderr, /not running/);
});

test('--check takes the tour by itself', async () => {
  const { code, stdout, stderr } = await demo(['--check']);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, stdout);
  for (const { title } of tour) assert.match(stdout, new RegExp(`^ok +${title} +expected .*, saw `, 'm'));
  await allGone();
});

test('a port that is none is told', async () => {
  const { code, stderr } = await demo(['--check'], { PORTCULLIS_DEMO_IDP_PORT: 'many' });
  assert.equal(code, 1);
  assert.match(stderr, /^PORTCULLIS_DEMO_IDP_PORT is "many", not a port/);
});
