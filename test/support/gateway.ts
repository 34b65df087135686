import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Gateway as DemoGateway, projectRoot, startGateway as startDemoGateway } from '../../src/demo/gateway.ts';
import type { HttpAnswer } from '../../src/demo/http-answer.ts';
import { type GatewayRequest, send } from '../../src/demo/https.ts';
import type { IdentityProviderOptions } from '../../src/demo/identity-provider.ts';
import { portNames, portsFrom } from '../../src/demo/ports.ts';
import { freePorts } from './ports.ts';
import { type AuditLine, auditLines } from './sidecar.ts';

/** What differs from the demo. */
export interface GatewayOptions {
  /** Makes the config out of the demo's. */
  readonly config?: (demo: string) => string;
  /** Another bootstrap than envoy/demo.yaml, written for the demo's ports and folder. */
  readonly bootstrap?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What differs at the identity provider. */
  readonly idp?: Pick<IdentityProviderOptions, 'tokenSeconds'>;
}

/** The demo's gateway on free ports, with its state and its config in a folder of its own. */
export interface Gateway extends DemoGateway {
  /** https://localhost and the port. */
  readonly url: string;
  /** The config, a copy that tests may change. */
  readonly configFile: string;
  /** Sends a request over HTTPS and HTTP/1.1, on a connection of its own. */
  send(request: GatewayRequest): Promise<HttpAnswer>;
  /** The audit events so far. */
  audit(): Promise<readonly AuditLine[]>;
}

/** Starts a gateway for a test, and resolves when it serves. Whoever starts it stops it. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const { config = (text) => text, ...rest } = options;
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-gateway-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const demo = join(projectRoot, 'demo');
    const configFile = join(folder, 'portcullis.yaml');
    await writeFile(configFile, config(await readFile(join(demo, 'portcullis.yaml'), 'utf8')));
    for (const name of ['order.schema.json', 'shop.openapi.yaml']) await copyFile(join(demo, name), join(folder, name));
    const free = await freePorts(portNames.length);
    const ports = portsFrom((name) => free[portNames.indexOf(name)] ?? 0);
    const gateway = await startDemoGateway({ ports, folder, config: configFile, concurrency: 1, ...rest });
    return {
      ...gateway,
      url: `https://localhost:${ports.https}`,
      configFile,
      send: (request) => send(ports.https, gateway.pki.ca, request),
      audit: async () => auditLines(await wholeLines(join(folder, 'portcullis.log'))).filter(isAudit),
      stop: async () => {
        await gateway.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function wholeLines(file: string): Promise<string> {
  const text = await readFile(file, 'utf8');
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

// The log holds what goes to standard error too.
const isAudit = (line: AuditLine): boolean => Object.hasOwn(line, 'class_uid');
