import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startOrphanGuard } from '../../src/demo/guard.ts';
import { answerTo, type HttpAnswer } from '../../src/demo/http-answer.ts';
import { startChild } from '../../src/envoy/child.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { createAuthority, type Identity } from './certificates.ts';
import { freePorts } from './ports.ts';

const run = promisify(execFile);
const version = '26.4.0';
const cache = join(import.meta.dirname, '..', '..', '.cache');
const unpacked = join(cache, 'keycloak', version);
const unpack = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack';

/** Whom a client of Keycloak has to show, besides what it sends. */
interface Shown {
  readonly headers?: Readonly<Record<string, string>>;
  /** The certificate of the connection. */
  readonly client?: Identity;
}

/** A Keycloak of our own, with the realms that tests make. */
export interface Keycloak {
  /** Like "https://127.0.0.1:12345". */
  readonly base: string;
  /** The authority of its certificate, PEM. */
  readonly ca: string;
  /** Calls the admin API below /admin/realms; what comes back is JSON or nothing. Rejects unless it is 2xx. */
  admin(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  /** An access token of a realm for a name and a password, with whatever the client has to show. Rejects when there is none. */
  passwordToken(realm: string, fields: Readonly<Record<string, string>>, shown?: Shown): Promise<string>;
  stop(): Promise<void>;
}

/** Brings Keycloak by Maven into the project's cache, once: half a gigabyte. Rejects with what to install. */
export async function keycloakHome(): Promise<string> {
  const java = await run('java', ['-version']).catch(() => undefined);
  const major = Number(/version "(\d+)/.exec(java?.stderr ?? '')?.[1] ?? 0);
  if (major < 17)
    throw new Error('Keycloak needs Java 17 or newer: install it (on Debian: apt-get install openjdk-17-jre-headless)');
  if (existsSync(unpacked)) return unpacked;
  await run('mvn', ['-version']).catch(() => {
    throw new Error('Keycloak comes by Maven: install it (on Debian: apt-get install maven)');
  });
  console.error(`bringing Keycloak ${version} into .cache by Maven, once …`);
  await mkdir(join(cache, 'keycloak'), { recursive: true });
  const fresh = await mkdtemp(join(cache, 'keycloak', 'new-'));
  const repository = join(cache, 'maven');
  try {
    const artifact = `-Dartifact=org.keycloak:keycloak-quarkus-dist:${version}:zip`;
    await run('mvn', ['-B', '-q', `-Dmaven.repo.local=${repository}`, unpack, artifact, `-DoutputDirectory=${fresh}`]);
    await rename(join(fresh, `keycloak-${version}`), unpacked);
    return unpacked;
  } finally {
    await rm(fresh, { recursive: true, force: true });
    // What was downloaded is unpacked.
    await rm(repository, { recursive: true, force: true });
  }
}

/**
 * Starts it with a database in memory, over TLS, asking for client certificates of an authority (PEM). Resolves when it
 * answers, after half a minute on an idle machine.
 */
export async function startKeycloak(clientAuthority: string): Promise<Keycloak> {
  const home = await keycloakHome();
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-keycloak-'));
  const [port = 0, plainPort = 0] = await freePorts(2);
  const base = `https://127.0.0.1:${port}`;
  const password = randomBytes(16).toString('hex');
  const authority = await createAuthority('provider authority');
  const own = await authority.issue('keycloak');
  const place = (name: string): string => join(folder, name);
  await writeFile(place('cert.pem'), own.cert);
  await writeFile(place('key.pem'), own.key);
  await writeFile(place('clients.pem'), clientAuthority);
  const child = await startChild({
    name: 'Keycloak',
    command: 'bash',
    args: [
      join(home, 'bin', 'kc.sh'),
      'start-dev',
      '--db=dev-mem',
      '--http-host=127.0.0.1',
      // In development mode it listens there, too.
      `--http-port=${plainPort}`,
      `--https-port=${port}`,
      `--https-certificate-file=${place('cert.pem')}`,
      `--https-certificate-key-file=${place('key.pem')}`,
      '--https-client-auth=request',
      `--truststore-paths=${place('clients.pem')}`,
      `--hostname=${base}`,
      // The gateway's certificate is vouched for by an authority that is made anew for each test.
      '--spi-connections-http-client--default--disable-trust-manager=true',
    ],
    env: {
      ...process.env,
      JAVA_OPTS_KC_HEAP: '-Xms128m -Xmx1g',
      KC_BOOTSTRAP_ADMIN_USERNAME: 'admin',
      KC_BOOTSTRAP_ADMIN_PASSWORD: password,
    },
  });
  const guard = startOrphanGuard();
  guard.watch(child.pid);
  const stop = async (): Promise<void> => {
    await child.stop();
    guard.dismiss();
    await rm(folder, { recursive: true, force: true });
  };
  const call: Call = (method, path, { headers = {}, client, body } = {}) => {
    const target = { ca: authority.ca, agent: false, timeout: 120_000, ...client };
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    return answerTo(request(`${base}${path}`, { ...target, method, headers: { ...length, ...headers } }), body);
  };
  try {
    const holds = async (): Promise<boolean> =>
      (await call('GET', '/realms/master').catch(() => undefined))?.status === 200;
    await waitFor({ what: 'Keycloak answers', holds, child, boundMs: 400_000 });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    base,
    ca: authority.ca,
    stop,
    admin: (method, path, body) => callAdmin(call, password, method, path, body),
    passwordToken: (realm, fields, shown) => passwordToken(call, realm, fields, shown),
  };
}

type Call = (method: string, path: string, sent?: Shown & { readonly body?: string }) => Promise<HttpAnswer>;

async function callAdmin(call: Call, password: string, method: string, path: string, body: unknown): Promise<unknown> {
  const token = await passwordToken(call, 'master', { client_id: 'admin-cli', username: 'admin', password });
  const answer = await call(method, `/admin/realms${path}`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
  return answer.body === '' ? undefined : JSON.parse(answer.body);
}

async function passwordToken(
  call: Call,
  realm: string,
  fields: Readonly<Record<string, string>>,
  { headers, client }: Shown = {},
): Promise<string> {
  const answer = await call('POST', `/realms/${realm}/protocol/openid-connect/token`, {
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'password', scope: 'openid', ...fields }).toString(),
    ...(client && { client }),
  });
  const { access_token: token } = JSON.parse(answer.body);
  if (typeof token !== 'string') throw new Error(`no token of ${realm}: ${answer.body}`);
  return token;
}
