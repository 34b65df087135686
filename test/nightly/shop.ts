import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { type ClientAuthority, createClientAuthority } from '../support/client-certificates.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { type Keycloak, startKeycloak } from '../support/keycloak.ts';
import { type MtlsIngress, startMtlsIngress } from '../support/mtls-ingress.ts';
import { shopPolicy } from './shop-policy.ts';
import { gatewayClients, realm, shopRealm } from './shop-realm.ts';

/** A gateway whose provider is Keycloak. */
export interface Shop {
  readonly keycloak: Keycloak;
  readonly issuer: string;
  readonly gateway: Gateway;
  /** Another Envoy in front of the same Portcullis, which asks for client certificates of the authority. */
  readonly withCertificates: MtlsIngress;
  readonly clients: ClientAuthority;
  readonly browser: TestBrowser;
  readonly adminTokenFile: string;
  close(): Promise<void>;
}

/** Starts all of it, one after the other; what was started is stopped again if something fails on the way. */
export async function openShop(): Promise<Shop> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-shop-'));
  const closing: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).toReversed()) await one();
  };
  try {
    const clients = await createClientAuthority();
    const keycloak = await startKeycloak(clients.ca);
    closing.push(keycloak.stop);
    await keycloak.admin('POST', '', shopRealm);
    const issuer = `${keycloak.base}/realms/${realm}`;
    await writeFiles(folder, keycloak, clients);
    const gateway = await startGateway({ config: () => shopPolicy(issuer, folder) });
    closing.push(gateway.stop);
    for (const client of gatewayClients(gateway.url)) await keycloak.admin('POST', `/${realm}/clients`, client);
    const optional = (text: string): string =>
      text.replace('require_client_certificate: true', 'require_client_certificate: false');
    const withCertificates = await startMtlsIngress(`127.0.0.1:${gateway.ports.grpc}`, optional, clients);
    closing.push(withCertificates.stop);
    const browser = await startBrowser();
    closing.push(browser.close);
    const adminTokenFile = join(folder, 'admin.token');
    return { keycloak, issuer, gateway, withCertificates, clients, browser, adminTokenFile, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The files that the policy names. */
async function writeFiles(folder: string, { ca }: Keycloak, clients: ClientAuthority): Promise<void> {
  const { cert, key } = await clients.issue({ subject: [['CN', 'gateway']] });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const files = {
    'ca.pem': ca,
    'gateway.pem': String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    'cert.pem': cert,
    'cert-key.pem': key,
    'admin.token': 'admin-token-0123456789-0123456789-abcdef',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}
