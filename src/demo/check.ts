import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tail } from '../envoy/condition.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { ensureFree, readPorts } from './ports.ts';
import { awaitStopSignal } from './stop-signal.ts';
import type { Print } from './supervisor.ts';
import { faultOf, type TourStep, takeStep, tour } from './tour.ts';

/**
 * Starts the gateway in a folder of its own, takes the tour, prints what each step expected and saw, and stops
 * everything. Resolves with the exit code: 0 when every step saw what it expected, else 1.
 */
export async function checkDemo(env: NodeJS.ProcessEnv, print: Print): Promise<number> {
  const ports = readPorts(env);
  await ensureFree(ports);
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-check-'));
  const stop = awaitStopSignal(env, () => print('\nStopping …'));
  try {
    const gateway = await startGateway({ ports, folder, signal: stop.signal });
    try {
      return (await Promise.race([takeTour(gateway, print), stop.told])) ?? 1;
    } finally {
      await gateway.stop();
    }
  } finally {
    stop.forget();
    await rm(folder, { recursive: true, force: true });
  }
}

async function takeTour(gateway: Gateway, print: Print): Promise<number> {
  let failures = 0;
  for (const step of tour) {
    const { good, line } = await judge(step, gateway);
    if (!good) failures += 1;
    print(line);
  }
  const fault = await faultOfDashboard(gateway);
  if (fault !== undefined) failures += 1;
  const title = 'the dashboard'.padEnd(18);
  print(`${fault === undefined ? 'ok  ' : 'FAIL'}  ${title}  expected what the tour did, saw ${fault ?? 'that'}`);
  const steps = tour.length + 1;
  if (failures === 0) {
    print(`\nAll ${steps} steps saw what they expected.`);
    return 0;
  }
  print(`\n${failures} of ${steps} steps did not see what they expected.`);
  print(`\nThe end of Portcullis's log:${tail(gateway.portcullis)}\n\nThe end of Envoy's log:${tail(gateway.envoy)}`);
  return 1;
}

async function judge(step: TourStep, gateway: Gateway): Promise<{ readonly good: boolean; readonly line: string }> {
  const expected = `${step.expected.join(' ')}${step.shows === undefined ? '' : ` with ${step.shows}`}`;
  const fault = await takeStep(step, gateway).then(
    (answers) => faultOf(step, answers),
    (error: unknown) => String(error),
  );
  const good = fault === undefined;
  return {
    good,
    line: `${good ? 'ok  ' : 'FAIL'}  ${step.title.padEnd(18)}  expected ${expected}, saw ${fault ?? 'that'}`,
  };
}

/** What is wrong with the dashboard, or with what it tells of the tour; undefined: nothing. */
async function faultOfDashboard({ ports, adminToken }: Gateway): Promise<string | undefined> {
  const at = `http://127.0.0.1:${ports.admin}`;
  const headers = { authorization: `Bearer ${adminToken}` };
  try {
    const page = await fetch(`${at}/`);
    if (!page.ok || !(await page.text()).includes('dashboard/app.js')) return `no page, but ${page.status}`;
    const stranger = await fetch(`${at}/decisions`);
    if (stranger.status !== 401) return `${stranger.status} for somebody without the token`;
    const answer = await fetch(`${at}/decisions?effect=deny`, { headers });
    const told = await answer.text();
    const missing = ['permission_missing', 'limit_exceeded', 'attack_detected'].filter((word) => !told.includes(word));
    return missing.length === 0 ? undefined : `no ${missing.join(', no ')}`;
  } catch (error) {
    return String(error);
  }
}
