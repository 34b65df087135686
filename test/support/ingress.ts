import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOrphanGuard } from '../../src/demo/guard.ts';
import { answerTo, type HttpAnswer } from '../../src/demo/http-answer.ts';
import { type SampleApi, startSampleApi } from '../../src/demo/sample-api.ts';
import { findEnvoy } from '../../src/envoy/binary.ts';
import { adaptBootstrap } from '../../src/envoy/bootstrap.ts';
import type { Child } from '../../src/envoy/child.ts';
import { startEnvoy } from '../../src/envoy/process.ts';
import { freePorts } from './ports.ts';
import { getPage, seriesOf } from './sidecar.ts';

const root = join(import.meta.dirname, '..', '..');
// What the minimal bootstraps are written with.
const shipped = {
  listener: 8080,
  tlsListener: 8443,
  admin: 9901,
  sidecar: 9191,
  api: 9300,
  otlp: 4317,
  accessLog: 9194,
} as const;

/** What came back. */
export type IngressAnswer = HttpAnswer;

/** A request to the listener. */
export interface IngressRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Envoy with one of the minimal bootstraps, and a sample API behind it. */
export interface Ingress {
  readonly envoy: Child;
  readonly api: SampleApi;
  readonly port: number;
  /** Sends a request over connections that are kept. Rejects when no answer comes. */
  send(wanted: IngressRequest): Promise<IngressAnswer>;
  /** A counter or gauge of Envoy by its name in /stats; 0 where there is none. */
  stat(name: string): Promise<number>;
  stop(): Promise<void>;
}

/** Which bootstrap, and what is around it. */
export interface IngressOptions {
  /** A file of envoy/, ext-authz.yaml by default. */
  readonly bootstrap?: string;
  /** Where the sidecar answers: host:port, or unix:/path, which takes the place of the whole address. */
  readonly grpc: string;
  readonly otlpPort?: number;
  /** Where the sidecar takes the access log: host:port. */
  readonly accessLog?: string;
  /** Changes the bootstrap before it is adapted. */
  readonly edit?: (text: string) => string;
  /** Where its files and folders are instead. */
  readonly paths?: ReadonlyMap<string, string>;
}

/** Starts the API and Envoy in front of a sidecar, which need not answer yet. */
export async function startIngress(options: IngressOptions): Promise<Ingress> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-ingress-'));
  const guard = startOrphanGuard();
  const api = await startSampleApi([0, 0]);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const cleanUp = async (): Promise<void> => {
    agent.destroy();
    await api.close();
    guard.dismiss();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [port = 0, adminPort = 0] = await freePorts(2);
    const config = join(folder, 'envoy.yaml');
    const moves: Moves = {
      listener: port,
      admin: adminPort,
      api: api.endpoints[0].port,
      otlp: options.otlpPort,
      accessLog: portOf(options.accessLog),
    };
    await writeFile(config, await bootstrapOf(options, moves));
    const onStart = (pid: number): void => guard.watch(pid);
    const envoy = await startEnvoy({
      binary: await findEnvoy(),
      config,
      adminPort,
      cwd: root,
      concurrency: 1,
      onStart,
    });
    return {
      envoy,
      api,
      port,
      send: (wanted) => send(port, agent, wanted),
      stat: async (name) => seriesOf((await getPage(`http://127.0.0.1:${adminPort}/stats`)).body, `${name}:`),
      stop: async () => {
        await envoy.stop();
        await cleanUp();
      },
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

interface Moves {
  readonly listener: number;
  readonly admin: number;
  readonly api: number;
  readonly otlp: number | undefined;
  readonly accessLog: number | undefined;
}

const portOf = (address: string | undefined): number | undefined =>
  address === undefined ? undefined : Number(address.slice(address.lastIndexOf(':') + 1));

async function bootstrapOf(options: IngressOptions, moves: Moves): Promise<string> {
  const { bootstrap = 'ext-authz.yaml', grpc, edit = (shippedText) => shippedText, paths = new Map() } = options;
  const text = edit(await readFile(join(root, 'envoy', bootstrap), 'utf8'));
  const sidecarPort = portOf(grpc) ?? shipped.sidecar;
  const ports = new Map<number, number>([
    [shipped.listener, moves.listener],
    [shipped.tlsListener, moves.listener],
    [shipped.admin, moves.admin],
    [shipped.api, moves.api],
    [shipped.otlp, moves.otlp ?? shipped.otlp],
    [shipped.accessLog, moves.accessLog ?? shipped.accessLog],
  ]);
  if (!grpc.startsWith('unix:')) return adaptBootstrap(text, { ports: ports.set(shipped.sidecar, sidecarPort), paths });
  const socket = `pipe: { path: ${JSON.stringify(grpc.slice('unix:'.length))} }`;
  const address = `socket_address: { address: 127.0.0.1, port_value: ${shipped.sidecar} }`;
  return adaptBootstrap(text.replace(address, socket), { ports, paths });
}

function send(port: number, agent: Agent, wanted: IngressRequest): Promise<IngressAnswer> {
  const { method = 'GET', path, headers = {}, body } = wanted;
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const target = { host: '127.0.0.1', port, agent, method, path, timeout: 10_000 };
  return answerTo(request({ ...target, headers: { ...length, ...headers } }), body);
}
