import { join, relative } from 'node:path';
import type { Child } from '../envoy/child.ts';
import { tail } from '../envoy/condition.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { adminTokenFile } from './keys.ts';
import { ensureFree, readPorts } from './ports.ts';
import { demoFolder, ensureNoneRuns, noteRunning, noteStopped } from './running.ts';
import { awaitStopSignal, type StopSignal } from './stop-signal.ts';
import { curlLine, tour } from './tour.ts';

/** How the demo talks to people: one call is one line or more. */
export type Print = (text: string) => void;

/**
 * Runs the demo until it is told to stop or a part of it dies. Resolves with the exit code when everything has stopped:
 * 0 after Ctrl-C or SIGTERM, 1 after the death of a part. Rejects with a SetupProblem when it cannot start.
 */
export async function runDemo(env: NodeJS.ProcessEnv, print: Print): Promise<number> {
  const ports = readPorts(env);
  const folder = demoFolder(env);
  const stop = awaitStopSignal(env, () => print('\nStopping …'));
  try {
    await ensureFree(ports);
    await ensureNoneRuns(folder);
    print('Starting the gateway …');
    const gateway = await startGateway({ ports, folder, signal: stop.signal });
    return await serve(gateway, stop, print, env);
  } catch (error) {
    if (stop.signal.aborted) return 0;
    throw error;
  } finally {
    stop.forget();
  }
}

async function serve(gateway: Gateway, stop: StopSignal, print: Print, env: NodeJS.ProcessEnv): Promise<number> {
  try {
    await noteRunning(gateway.folder, gateway.idp);
    if (!stop.signal.aborted) print(welcome(gateway, env));
    const death = await Promise.race([stop.told, deathOf(gateway.envoy), deathOf(gateway.portcullis)]);
    if (death === undefined) return 0;
    print(death);
    return 1;
  } finally {
    await noteStopped(gateway.folder);
    await gateway.stop();
  }
}

async function deathOf(child: Child): Promise<string> {
  const how = await child.ended;
  return `${child.name} ended by itself (${how}); stopping the rest.${tail(child)}`;
}

function welcome(gateway: Gateway, { REDIS_URL }: NodeJS.ProcessEnv): string {
  const { ports, folder } = gateway;
  const shown = (file: string): string => relative(process.cwd(), file) || file;
  const places: readonly (readonly [string, string])[] = [
    ['gateway', `https://localhost:${ports.https}   (http://localhost:${ports.http} redirects to it)`],
    [
      'admin',
      `Envoy http://127.0.0.1:${ports.envoyAdmin}   Portcullis http://127.0.0.1:${ports.admin}/readyz, /metrics, /config`,
    ],
    ['dashboard', `http://127.0.0.1:${ports.admin}/dashboard   its token: ${shown(join(folder, adminTokenFile))}`],
    ['identity', `http://127.0.0.1:${ports.idp}   alice: editor, bob: reader, carol: admin`],
    ['policy', 'demo/portcullis.yaml, read again when it changes'],
    ['logs', `${shown(folder)}/portcullis.log (audit events too), ${shown(folder)}/envoy.log`],
    ['limits', REDIS_URL ? 'in Redis' : 'in memory; set REDIS_URL to keep them in Redis'],
  ];
  const steps = tour.map((step, at) => {
    const expected =
      step.expected.length > 1 ? `${step.expected.length} times, at last ${step.expected.at(-1)}` : step.expected[0];
    const shows = step.shows === undefined ? '' : ` with ${step.shows}`;
    return `${at + 1}. ${step.title}: ${expected}${shows}\n   ${curlLine(step, ports.https, shown(gateway.pki.caFile))}`;
  });
  return [
    '',
    ...places.map(([name, text]) => `${name.padEnd(10)}${text}`),
    '',
    'A guided tour, to paste into another terminal:',
    '',
    ...steps,
    '',
    'Ctrl-C stops everything.',
  ].join('\n');
}
