import { access, constants, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { findEnvoy } from '../envoy/binary.ts';
import { adaptBootstrap } from '../envoy/bootstrap.ts';
import { type Child, startChild } from '../envoy/child.ts';
import { answersOk, waitFor } from '../envoy/condition.ts';
import { SetupProblem } from '../envoy/problem.ts';
import { startEnvoy } from '../envoy/process.ts';
import { startOrphanGuard } from './guard.ts';
import { type IdentityProvider, type IdentityProviderOptions, startIdentityProvider } from './identity-provider.ts';
import { adminTokenFile, createAdminToken, createDemoKey, loginFiles, writeLoginSecrets } from './keys.ts';
import { ensureCheckout } from './packages.ts';
import { createPki, type Pki } from './pki.ts';
import { demoPorts, type Ports, portNames, portVariables } from './ports.ts';
import type { Account } from './provider/accounts.ts';
import { type SampleApi, startSampleApi } from './sample-api.ts';
import { requestToken } from './token.ts';

/** The root of the checkout: where Envoy's file paths and the shipped files begin. */
export const projectRoot = join(import.meta.dirname, '..', '..');

/** The state folder that the shipped bootstrap names. */
export const stateFolder = '.demo';

/** What to start, and where. */
interface GatewayOptions {
  readonly ports: Ports;
  /** Certificates, keys and logs go here; it is made. */
  readonly folder: string;
  /** Portcullis's config; demo/portcullis.yaml by default. */
  readonly config?: string;
  /** Envoy's bootstrap, for the default ports and folder; envoy/demo.yaml by default. */
  readonly bootstrap?: string;
  /** Besides the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** What differs at the identity provider. */
  readonly idp?: Pick<IdentityProviderOptions, 'tokenSeconds'>;
  /** Envoy's worker threads. */
  readonly concurrency?: number;
  /** Gives up the start. */
  readonly signal?: AbortSignal;
}

/** A whole gateway that runs: Envoy, Portcullis, a sample API and an identity provider. */
export interface Gateway {
  readonly ports: Ports;
  readonly folder: string;
  readonly pki: Pki;
  readonly idp: IdentityProvider;
  readonly api: SampleApi;
  readonly envoy: Child;
  readonly portcullis: Child;
  /** The API key. */
  readonly key: string;
  /** The token of the admin API. */
  readonly adminToken: string;
  token(account: Account): Promise<string>;
  /** Stops everything, in the order in which no request is lost. It may be called more than once. */
  stop(): Promise<void>;
}

type Cleanup = () => unknown;

/** Starts a gateway, and resolves when it serves. What was started is stopped again if something fails on the way. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  ensureCheckout(projectRoot);
  const cleanups: Cleanup[] = [];
  const stop = once(async () => {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  });
  const stopping = <T>(part: T, cleanup: Cleanup): T => {
    cleanups.push(cleanup);
    return part;
  };
  try {
    return { ...(await assemble(options, stopping)), ports: options.ports, folder: options.folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
  } catch {
    throw new SetupProblem(
      `The demo keeps its certificates, keys and logs in ${folder}, and cannot write there; set PORTCULLIS_DEMO_DIR to another folder.`,
    );
  }
}

async function assemble(options: GatewayOptions, stopping: <T>(part: T, cleanup: Cleanup) => T) {
  const { ports, folder } = options;
  const binary = await findEnvoy();
  await makeFolder(folder);
  const [pki, key, adminToken] = await Promise.all([
    createPki(folder),
    createDemoKey(folder),
    createAdminToken(folder),
  ]);
  const guard = startOrphanGuard();
  stopping(guard, guard.dismiss);
  const origin = `https://localhost:${ports.https}`;
  const idp = await startIdentityProvider(ports.idp, { ...options.idp, gateway: { origin, ca: pki.ca } });
  stopping(idp, () => idp.close());
  await writeLoginSecrets(folder, idp.browserSecret);
  const api = await startSampleApi([ports.api1, ports.api2]);
  stopping(api, () => api.close());
  const portcullis = await startPortcullis(options);
  guard.watch(portcullis.pid);
  stopping(portcullis, () => portcullis.stop());
  const holds = () => answersOk(`http://127.0.0.1:${ports.admin}/readyz`);
  // On a small machine a first start takes its time.
  await waitFor({ what: 'Portcullis is ready', holds, child: portcullis, boundMs: 60_000, signal: options.signal });
  const envoy = await startEnvoy({
    binary,
    config: await writeBootstrap(options),
    adminPort: ports.envoyAdmin,
    cwd: projectRoot,
    logFile: join(folder, 'envoy.log'),
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    signal: options.signal,
    onStart: (pid) => guard.watch(pid),
  });
  stopping(envoy, () => envoy.stop());
  const token = (account: Account) => requestToken(idp, account);
  return { pki, key, adminToken, idp, api, portcullis, envoy, token };
}

function startPortcullis(options: GatewayOptions): Promise<Child> {
  const config = options.config ?? join(projectRoot, 'demo', 'portcullis.yaml');
  return startChild({
    name: 'Portcullis',
    command: process.execPath,
    args: [join(projectRoot, 'bin', 'portcullis.js'), 'serve', config],
    cwd: projectRoot,
    env: {
      ...process.env,
      ...portVariables(options.ports),
      PORTCULLIS_DEMO_KEYS: join(options.folder, 'keys.yaml'),
      PORTCULLIS_DEMO_SESSION_KEY: join(options.folder, loginFiles.sessionKey),
      PORTCULLIS_DEMO_CLIENT_SECRET: join(options.folder, loginFiles.clientSecret),
      PORTCULLIS_DEMO_ADMIN_TOKEN: join(options.folder, adminTokenFile),
      ...options.env,
    },
    logFile: join(options.folder, 'portcullis.log'),
  });
}

async function writeBootstrap({ bootstrap, folder, ports }: GatewayOptions): Promise<string> {
  const shipped = await readFile(bootstrap ?? join(projectRoot, 'envoy', 'demo.yaml'), 'utf8');
  const config = join(folder, 'envoy.yaml');
  const moved = relative(projectRoot, folder);
  const adapted = adaptBootstrap(shipped, {
    ports: new Map(portNames.map((name) => [demoPorts[name].port, ports[name]])),
    paths: new Map(moved === stateFolder ? [] : [[stateFolder, folder]]),
  });
  await writeFile(config, adapted);
  return config;
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}
