import { createServer, type Server } from 'node:net';

// Below the range from which systems take ports by themselves, so that nobody else's connection sits on one.
const lowest = 10_240;
const blockSize = 32;
const blocks = 640;

/** The ports of this process that were not handed out yet. */
let ours: number[] = [];

/**
 * Ports for processes that cannot be asked to take any: free, all different, and never handed out twice, not to another
 * test process either: each has blocks of its own, and listens on the first port of a block as long as it lives.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    if (ours.length === 0) ours = await takeBlock();
    const port = ours.pop();
    if (port !== undefined && (await isFree(port))) ports.push(port);
  }
  return ports;
}

async function takeBlock(): Promise<number[]> {
  const start = Math.floor(Math.random() * blocks);
  for (let step = 0; step < blocks; step += 1) {
    const first = lowest + ((start + step) % blocks) * blockSize;
    const mark = await listenAt(first);
    if (mark === undefined) continue;
    mark.unref();
    return Array.from({ length: blockSize - 1 }, (_, index) => first + 1 + index);
  }
  throw new Error('no block of ports is free');
}

async function isFree(port: number): Promise<boolean> {
  const server = await listenAt(port);
  if (server === undefined) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

function listenAt(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}
