import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { checkServerIdentity, connect as connectTls, type PeerCertificate } from 'node:tls';
import type { BuildContext, JsonSchema } from '../../core/build.ts';
import { openReader } from '../../core/options.ts';
import type { AuditEvent } from '../ocsf.ts';
import type { Sink, SinkEnvironment, SinkKind } from '../sink.ts';

const text = (description: string): JsonSchema => ({ type: 'string', minLength: 1, description });
const facilityMax = 23;
const logAudit = 13;
const patienceMs = 10_000;
const farewellMs = 1000;

/** Syslog over TLS (RFC 5424 and 5425), each message with its length before it. */
export const syslog: SinkKind = {
  schema: {
    type: 'object',
    description:
      'Audit events as syslog messages (RFC 5424) over TLS (RFC 5425). Syslog has no acknowledgement: what the network had when a connection broke may be lost or come twice.',
    additionalProperties: false,
    required: ['address'],
    properties: {
      address: text('host:port of the receiver, or unix:/path of a stream socket on this machine.'),
      plain: {
        type: 'boolean',
        description: 'Speak TCP without TLS, to a loopback address only. A unix socket never has TLS. Default: false.',
      },
      server_name: text('The name that the receiver’s certificate must have. Default: the host of the address.'),
      ca_file: text(
        'A file of PEM certificates of authorities to trust instead of the system’s. Default: the system’s.',
      ),
      cert_file: text('A file with our certificate chain as PEM, for receivers that ask for one. Default: none.'),
      key_file: text('A file with the private key of cert_file as PEM. Default: none.'),
      facility: {
        type: 'integer',
        minimum: 0,
        maximum: facilityMax,
        description: 'The facility of the messages. Default: 13, log audit.',
      },
    },
  },
  build: (options, context) => {
    const target = readTarget(options, context);
    return (environment) => ({ sink: openSyslog(target, environment) });
  },
};

/** Where messages go. */
interface Target {
  readonly path: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly plain: boolean;
  readonly serverName: string;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly facility: number;
}

function readTarget(options: Readonly<Record<string, unknown>>, context: BuildContext): Target {
  const reader = openReader(options, context.issue);
  const address = reader.text('address', '');
  const path = address.startsWith('unix:/') ? address.slice('unix:'.length) : undefined;
  const [, host = '', port = ''] = /^(\[[^\]]+\]|[^:[\]]+):(\d{1,5})$/.exec(address) ?? [];
  const bare = host.replace(/^\[|\]$/g, '');
  const plain = reader.flag('plain', false);
  if (path === undefined && (host === '' || Number(port) < 1 || Number(port) > 65_535)) {
    context.issue(['address'], 'must be an address like siem.example:6514 or unix:/run/syslog.sock');
  } else if (path === undefined && plain && !isLoopback(bare)) {
    context.issue(['plain'], 'is for loopback addresses: everybody on the way could read and change the events');
  }
  const read = (name: string): string | undefined => {
    const file = reader.text(name, '');
    return file === '' ? undefined : context.at(name).file(file)?.text;
  };
  if (reader.has('cert_file') !== reader.has('key_file')) {
    context.issue([reader.has('cert_file') ? 'cert_file' : 'key_file'], 'cert_file and key_file stand together');
  }
  return {
    path,
    host: bare,
    port: Number(port),
    plain: plain || path !== undefined,
    serverName: reader.text('server_name', bare),
    ca: read('ca_file'),
    cert: read('cert_file'),
    key: read('key_file'),
    facility: reader.integer('facility', logAudit, { min: 0, max: facilityMax }),
  };
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

function openSyslog(target: Target, environment: SinkEnvironment): Sink {
  const frame = framing(target.facility, environment);
  let socket: Socket | undefined;
  const drop = (): void => {
    socket?.destroy();
    socket = undefined;
  };
  return {
    write: async (batch) => {
      try {
        if (socket === undefined || socket.destroyed || !socket.writable) {
          drop();
          socket = await dial(target);
        }
        await send(socket, Buffer.concat(batch.map(frame)));
        return 'written';
      } catch {
        drop();
        return 'away';
      }
    },
    close: async () => {
      const open = socket;
      socket = undefined;
      if (open === undefined || open.destroyed) return;
      // When the other side closes too, it has read all that we said.
      const closed = new Promise((resolve) => open.once('close', resolve));
      open.ref().end();
      // One that never closes must not keep the process alive.
      const timer = setTimeout(() => open.destroy(), farewellMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** Connects, and with TLS proves the receiver. Rejects when that takes too long. */
function dial({ path, host, port, plain, serverName, ca, cert, key }: Target): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const to = path === undefined ? { host, port } : { path };
    const named = {
      ...(isIP(serverName) === 0 && { servername: serverName }),
      checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(serverName, certificate),
    };
    const proof = {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    };
    const socket = plain ? connectPlain(to) : connectTls({ ...to, ...proof, ...named });
    socket.setTimeout(patienceMs, () => socket.destroy(new Error('timeout')));
    socket.once('error', reject);
    // Nothing is ever said to us; what is not read would hide that the other side has gone.
    socket.resume();
    socket.once(plain ? 'connect' : 'secureConnect', () => {
      socket.setTimeout(0);
      socket.off('error', reject);
      // The next write finds out; nobody else needs to hear of it.
      socket.on('error', () => {});
      // An idle connection keeps no process alive.
      socket.unref();
      resolve(socket);
    });
  });
}

function send(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('timeout')), patienceMs).unref();
    const gone = (): void => reject(new Error('closed'));
    socket.once('close', gone);
    socket.write(bytes, (error) => {
      clearTimeout(timer);
      socket.off('close', gone);
      if (error) reject(error);
      else resolve();
    });
  });
}

// OCSF's informational to high, as syslog's informational, notice, warning and error.
const severities: ReadonlyMap<number, number> = new Map([
  [1, 6],
  [2, 5],
  [3, 4],
  [4, 3],
]);
const sequenceMax = 2 ** 31 - 1;

/** Frames events as RFC 5425 and 6587 do by counting octets: MSG-LEN SP SYSLOG-MSG. */
function framing(facility: number, { version, clock }: SinkEnvironment): (event: AuditEvent) => Buffer {
  const word = (value: string, max: number): string => value.replace(/[^\x21-\x7e]/g, '').slice(0, max) || '-';
  const parameter = (value: string): string => value.replace(/[\\"\]]/g, '\\$&');
  const from = `${word(hostname(), 255)} portcullis ${process.pid}`;
  const origin = `[origin software="Portcullis" swVersion="${parameter(version)}"]`;
  return ({ severity, timeMs, sequence, name, line }) => {
    const priority = facility * 8 + (severities.get(severity) ?? 3);
    const time = new Date(Number.isFinite(timeMs) ? timeMs : clock.nowMs()).toISOString();
    const meta = `[meta sequenceId="${Math.max(1, sequence % sequenceMax)}"]`;
    const message = Buffer.from(`<${priority}>1 ${time} ${from} ${word(name, 32)} ${origin}${meta} ${line}`);
    return Buffer.concat([Buffer.from(`${message.byteLength} `), message]);
  };
}
