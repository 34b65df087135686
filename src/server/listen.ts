import { access, chmod, constants, lstat, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { formatListenAddress, parseListenAddress } from '../core/listen-address.ts';

/** Listening is not possible; the message names the address and why. */
export class ListenError extends Error {
  override readonly name = 'ListenError';

  readonly why: string;

  constructor(address: string, why: string) {
    super(`cannot listen on ${address}: ${why}`);
    this.why = why;
  }
}

/**
 * Lets a server listen at "host:port" or "unix:/path" and resolves with the address that it got. A socket file that a dead
 * server left behind is replaced; a new one is for owner and group. Rejects with a ListenError.
 */
export async function listenAt(server: Server, text: string): Promise<string> {
  const address = parseListenAddress(text);
  if (address === undefined) throw new ListenError(text, 'it is neither "host:port" nor "unix:/path"');
  try {
    if (address.kind === 'unix') {
      await makeRoom(text, address.path);
      await listen(server, { path: address.path });
      await chmod(address.path, 0o660);
      return formatListenAddress(address);
    }
    await listen(server, { host: address.host, port: address.port });
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new TypeError('a TCP server without an address');
    return formatListenAddress({ kind: 'tcp', host: bound.address, port: bound.port });
  } catch (error) {
    throw error instanceof ListenError ? error : new ListenError(text, whyOf(error));
  }
}

function listen(server: Server, place: { path: string } | { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(place, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

const whys = {
  EADDRINUSE: 'the address is in use',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'the host is no address of this machine',
  ENOTFOUND: 'the host is unknown',
  ENOENT: 'the directory does not exist',
} as const satisfies Record<string, string>;
const isKnown = (code: string): code is keyof typeof whys => Object.hasOwn(whys, code);

function whyOf(error: unknown): string {
  const code = codeOf(error);
  return isKnown(code) ? whys[code] : String(error);
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

async function makeRoom(text: string, path: string): Promise<void> {
  await access(dirname(path), constants.W_OK);
  const found = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) return;
  if (!found.isSocket()) throw new ListenError(text, 'the file exists and is no socket');
  if (await answers(path)) throw new ListenError(text, whys.EADDRINUSE);
  await unlink(path);
}

function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  return new Promise((resolve, reject) => {
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => (codeOf(error) === 'ECONNREFUSED' ? resolve(false) : reject(error)));
  });
}
