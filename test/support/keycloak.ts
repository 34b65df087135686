import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startOrphanGuard } from '../../src/demo/guard.ts';
import { startChild } from '../../src/envoy/child.ts';
import { answersOk, waitFor } from '../../src/envoy/condition.ts';
import { freePorts } from './ports.ts';

const run = promisify(execFile);
const version = '26.4.0';
const cache = join(import.meta.dirname, '..', '..', '.cache');
const home = join(cache, 'keycloak', version);
const unpack = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack';

/** A Keycloak of our own, with the realms that tests make. */
export interface Keycloak {
  /** Like "http://127.0.0.1:12345". */
  readonly base: string;
  /** Calls the admin API below /admin/realms; what comes back is JSON or nothing. Rejects unless it is 2xx. */
  admin(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Brings Keycloak by Maven into the project's cache, once: half a gigabyte. Rejects with what to install. */
export async function keycloakHome(): Promise<string> {
  const java = await run('java', ['-version']).catch(() => undefined);
  const major = Number(/version "(\d+)/.exec(java?.stderr ?? '')?.[1] ?? 0);
  if (major < 17)
    throw new Error('Keycloak needs Java 17 or newer: install it (on Debian: apt-get install openjdk-17-jre-headless)');
  if (existsSync(home)) return home;
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
    await rename(join(fresh, `keycloak-${version}`), home);
    return home;
  } finally {
    await rm(fresh, { recursive: true, force: true });
    // What was downloaded is unpacked.
    await rm(repository, { recursive: true, force: true });
  }
}

/** Starts it with a database in memory; resolves when it answers, after half a minute on an idle machine. */
export async function startKeycloak(): Promise<Keycloak> {
  const folder = await keycloakHome();
  const [port = 0] = await freePorts(1);
  const base = `http://127.0.0.1:${port}`;
  const password = randomBytes(16).toString('hex');
  const child = await startChild({
    name: 'Keycloak',
    command: 'bash',
    args: [
      join(folder, 'bin', 'kc.sh'),
      'start-dev',
      '--db=dev-mem',
      '--http-host=127.0.0.1',
      `--http-port=${port}`,
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
  };
  try {
    const holds = (): Promise<boolean> => answersOk(`${base}/realms/master`);
    await waitFor({ what: 'Keycloak answers', holds, child, boundMs: 400_000 });
  } catch (error) {
    await stop();
    throw error;
  }
  return { base, stop, admin: (method, path, body) => callAdmin(base, password, method, path, body) };
}

async function callAdmin(
  base: string,
  password: string,
  method: string,
  path: string,
  body: unknown,
): Promise<unknown> {
  const token = await passwordToken(`${base}/realms/master`, { client_id: 'admin-cli', username: 'admin', password });
  const answer = await fetch(`${base}/admin/realms${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** An access token of a realm for a name and a password, with whatever the client has to show. Rejects when there is none. */
export async function passwordToken(
  issuer: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const answer = await fetch(`${issuer}/protocol/openid-connect/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ grant_type: 'password', scope: 'openid', ...fields }),
  });
  const text = await answer.text();
  const { access_token: token } = JSON.parse(text);
  if (typeof token !== 'string') throw new Error(`no token from ${issuer}: ${text}`);
  return token;
}
