import assert from 'node:assert/strict';
import { status } from '@grpc/grpc-js';
import { silentLog } from '../../src/core/ports.ts';
import { joinServices } from '../../src/server/services.ts';
import type {
  BidiStreamMethod,
  Listening,
  ListenOptions,
  Method,
  Transport,
  UnaryMethod,
} from '../../src/server/transport.ts';
import { loadOfficial } from './official.ts';
import { type OfficialClient, officialClient } from './official-client.ts';

/** The official descriptors, loaded once a test file. */
export const official = await loadOfficial();

/** The unary method that the transports are tried with. */
export const checkName = 'envoy.service.auth.v3.Authorization/Check';
/** The streaming method that the transports are tried with. */
export const watchName = 'grpc.health.v1.Health/Watch';

/** The method with messages both ways that the transports are tried with. */
export const processName = 'envoy.service.ext_proc.v3.ExternalProcessor/Process';

/** A CheckResponse in as few bytes as can be: status.code 7. */
export const denied = Uint8Array.of(0x0a, 0x02, 0x08, 0x07);
/** Asserts that an answer is the one above, as the official code reads it. */
export const isDenied = (answer: object): void => assert.deepEqual(answer, { status: { code: 7 } });
/** A HealthCheckResponse that says SERVING. */
export const serving = Uint8Array.of(0x08, 0x01);

/** A row with a handler for the unary method. */
export function unary(handle: UnaryMethod['handle'], onBug?: () => Uint8Array): readonly [string, Method] {
  return [`/${checkName}`, { kind: 'unary', handle, ...(onBug === undefined ? {} : { onBug }) }];
}

/** A row with a handler for the method with messages both ways. */
export const bidi = (handle: BidiStreamMethod['handle']): readonly [string, Method] => [
  `/${processName}`,
  { kind: 'bidi_stream', handle },
];

/** Something that is waited for, and happens once. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

/** A gate that is closed. */
export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

/** Whether an error is the gRPC status of this name. */
export const failsWith =
  (name: keyof typeof status) =>
  (error: unknown): boolean =>
    error instanceof Error && 'code' in error && error.code === status[name];

/** A server that listens, and a client that talks to it. */
export interface Started {
  readonly listening: Listening;
  readonly client: OfficialClient;
}

/** Serves one row on a port of the system's choice while it is used; both ends are closed afterwards. */
export async function withServer(
  transport: Transport,
  row: readonly [string, Method],
  use: (started: Started) => Promise<void>,
  options: Partial<ListenOptions> = {},
): Promise<void> {
  const listening = await transport.listen(joinServices([row]), { address: '127.0.0.1:0', log: silentLog, ...options });
  const client = officialClient(official, listening.address);
  try {
    await use({ listening, client });
  } finally {
    client.close();
    await listening.close();
  }
}
