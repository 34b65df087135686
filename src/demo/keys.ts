import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { mintApiKey } from '../authn/api-key/mint.ts';

/**
 * Makes an API key, new at every start, so that its limits start fresh: `key` holds it, readable by the owner alone, and
 * `keys.yaml` its entry for Portcullis. Resolves with the key.
 */
export async function createDemoKey(folder: string): Promise<string> {
  const { key, entry } = mintApiKey({ owner: 'acme', roles: ['reader'] });
  await writeFile(join(folder, 'keys.yaml'), stringify({ keys: [entry] }), { mode: 0o600 });
  await writeFile(join(folder, 'key'), `${key}\n`, { mode: 0o600 });
  return key;
}

/** What the gateway needs for logins, by the names of the files in the demo's folder. */
export const loginFiles = Object.freeze({ sessionKey: 'session.key', clientSecret: 'client.secret' });

/** The name of the file with the token of the dashboard and the admin API. */
export const adminTokenFile = 'admin.token';

/** Makes the token of administrators, new at every start, readable by the owner alone. Resolves with it. */
export async function createAdminToken(folder: string): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await writeFile(join(folder, adminTokenFile), `${token}\n`, { mode: 0o600 });
  return token;
}

/** Writes the key of session cookies, new at every start as the provider's sessions are, and the client's secret. */
export async function writeLoginSecrets(folder: string, clientSecret: string): Promise<void> {
  const write = (name: string, text: string): Promise<void> =>
    writeFile(join(folder, name), `${text}\n`, { mode: 0o600 });
  await write(loginFiles.sessionKey, randomBytes(32).toString('base64'));
  await write(loginFiles.clientSecret, clientSecret);
}
