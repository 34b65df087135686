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
