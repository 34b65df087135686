import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findEnvoy } from '../../src/envoy/binary.ts';
import { startChild } from '../../src/envoy/child.ts';
import { answersOk, waitFor } from '../../src/envoy/condition.ts';
import { startEnvoy } from '../../src/envoy/process.ts';
import { checkMessage } from '../support/check-messages.ts';
import { freePorts } from '../support/ports.ts';
import { jwksOf, makeKey, signToken } from '../support/tokens.ts';

/** What is measured: where, and with what. */
export interface Bench {
  readonly authorization: string;
  /** The address of our gRPC server. */
  readonly grpc: string;
  /** Envoy's listener that asks us. */
  readonly checked: string;
  /** The same Envoy's listener that does not. */
  readonly plain: string;
  /** A Check call as a gRPC message with its prefix. */
  readonly message: Uint8Array;
  /** Allowed calls so far, as our metrics count them. */
  readonly allowed: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

const policy = (ports: { readonly grpc: number; readonly admin: number }, keys: object): string => `
version: 1
listen: { grpc: "127.0.0.1:${ports.grpc}", admin: "127.0.0.1:${ports.admin}" }
identity:
  users: { jwt: { issuer: "https://idp.example", audience: [orders], algorithms: [ES256], jwks: { inline: ${JSON.stringify(keys)} } } }
roles: { reader: { permissions: ["orders:read"] } }
limits: { per_user: { key: principal.key, algorithm: token_bucket, rate: 900000000/s } }
rules:
  - id: orders
    match: { path: /orders, methods: [GET] }
    identity: [users]
    require: { permission: "orders:read" }
    limits: [per_user]
audit: { allow: { sample: 0.01 } }
telemetry: { log_level: error }
`;

/** Starts one sidecar and one Envoy with one worker: JWT, a permission, a limit in memory, 1 % of the allows audited. */
export async function startBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-bench-'));
  const [grpc = 0, admin = 0, checked = 0, plain = 0, envoyAdmin = 0] = await freePorts(5);
  const key = makeKey('ES256');
  const seconds = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'https://idp.example',
    aud: 'orders',
    sub: 'alice',
    roles: ['reader'],
    iat: seconds,
    exp: seconds + 3600,
  };
  const authorization = `Bearer ${signToken(key, claims)}`;
  await writeFile(join(folder, 'portcullis.yaml'), policy({ grpc, admin }, jwksOf(key)));
  await writeFile(
    join(folder, 'envoy.yaml'),
    await bootstrap({ 9191: grpc, 10001: checked, 10002: plain, 9901: envoyAdmin }),
  );

  const sidecar = await startChild({
    name: 'Portcullis',
    command: process.execPath,
    args: ['src/main.ts', 'serve', join(folder, 'portcullis.yaml')],
    logFile: join(folder, 'portcullis.log'),
  });
  const ready = () => answersOk(`http://127.0.0.1:${admin}/readyz`);
  await waitFor({ what: 'Portcullis is ready', holds: ready, child: sidecar });
  const envoy = await startEnvoy({
    binary: await findEnvoy(),
    config: join(folder, 'envoy.yaml'),
    adminPort: envoyAdmin,
    cwd: folder,
    concurrency: 1,
  });
  return {
    authorization,
    grpc: `http://127.0.0.1:${grpc}/envoy.service.auth.v3.Authorization/Check`,
    checked: `http://127.0.0.1:${checked}/orders`,
    plain: `http://127.0.0.1:${plain}/orders`,
    message: framed(checkMessage({ headers: { authorization, 'user-agent': 'h2load', accept: '*/*' } })),
    allowed: async () => allowedOf(await (await fetch(`http://127.0.0.1:${admin}/metrics`)).text()),
    stop: async () => {
      await Promise.all([envoy.stop(), sidecar.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const allowedOf = (metrics: string): number =>
  Number(/^portcullis_decisions_total\{[^}]*effect="allow"[^}]*\} (\d+)$/m.exec(metrics)?.[1] ?? 0);

async function bootstrap(ports: Readonly<Record<number, number>>): Promise<string> {
  const text = await readFile(join(import.meta.dirname, 'envoy.yaml'), 'utf8');
  return text.replace(/port_value: (\d+)/g, (_, port: string) => `port_value: ${ports[Number(port)] ?? port}`);
}

/** A message as gRPC over HTTP/2 sends it: one byte for no compression, four for the length. */
export function framed(message: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
}
