import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

/** The admin API of a sidecar, and the file with its token. */
export interface AdminPlace {
  /** host:port */
  readonly admin: string;
  readonly tokenFile: string;
}

/** Runs `portcullis revoke` against a sidecar; resolves with its exit code and all that it said. */
export async function revoke(
  { admin, tokenFile }: AdminPlace,
  ...args: readonly string[]
): Promise<{ readonly code: unknown; readonly out: string }> {
  const where = ['--admin', admin, '--token-file', tokenFile];
  const child = spawn(process.execPath, [main, 'revoke', ...where, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      out += chunk;
    });
  const [code] = await once(child, 'close');
  return { code, out };
}
