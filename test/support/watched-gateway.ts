import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { waitFor } from '../../src/envoy/condition.ts';
import { type Ingress, startIngress } from './ingress.ts';
import { type RedisServer, startRedis } from './redis.ts';
import { type AuditLine, type SidecarProcess, startSidecarProcess } from './sidecar.ts';

const shipped = (name: string): string => join(import.meta.dirname, '..', '..', 'envoy', name);

/** The ways in which a request can end, and where it is sent for that. Limited: the second one is. */
export const ways = {
  allowed: { path: '/echo', status: 200, rule: 'open', reason: 'ok' },
  denied: { path: '/closed', status: 401, rule: 'closed', reason: 'credential_missing' },
  limited: { path: '/rare', status: 429, rule: 'rare', reason: 'limit_exceeded' },
  failedUpstream: { path: '/away', status: 503, rule: 'away', reason: 'ok' },
  neverAsked: { path: '/teapot', status: 418, rule: 'teapot', reason: undefined },
} as const;
/** The name of a way. */
export type Way = keyof typeof ways;

/** Where the telemetry of a gateway goes. */
export interface WatchedOptions {
  /** The base URL of the OTLP/HTTP receiver of Portcullis. */
  readonly endpoint: string;
  /** The port of the OTLP/gRPC receiver of Envoy. */
  readonly grpcPort: number;
  /** Further keys of the config. */
  readonly config?: string;
  /** Sinks of the audit besides standard output, as they stand in a list; otlp by default. */
  readonly sinks?: string;
  /** How the admin address is written; without a token by default. */
  readonly admin?: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** Envoy with traces and access log, Portcullis and Redis, in which requests end in all ways. */
export interface WatchedGateway {
  readonly sidecar: SidecarProcess;
  readonly ingress: Ingress;
  /** Sends one request of each way and resolves with the decision id of each, of the never asked one an empty one. */
  sendAll(): Promise<Readonly<Record<Way, string>>>;
  /** Resolves when it holds; sends requests meanwhile, as Envoy sends spans by fives, else every five seconds. */
  hurried(what: string, holds: () => Promise<boolean>): Promise<void>;
  stop(): Promise<void>;
}

const local = '"127.0.0.1:0"';
const configOf = ({ endpoint, config = '', sinks = 'otlp', admin = local }: WatchedOptions, redis: string): string => `
version: 1
listen: { grpc: ${local}, access_log: ${local}, admin: ${admin} }
redis: { url: "${redis}" }
client_address: { from: x-forwarded-for, trusted_hops: 1 }
identity: { partners: { api_key: { keys_file: keys.yaml } } }
limits: { few: { key: client.address, rate: 1/h } }
rules:
  - { id: open, match: { path: /echo }, allow: anonymous }
  - { id: closed, match: { path: /closed }, identity: [partners] }
  - { id: rare, match: { path: /rare }, allow: anonymous, limits: [few] }
  - { id: away, match: { path: /away }, allow: anonymous }
audit: { sinks: [stdout, ${sinks}] }
telemetry: { otlp: { endpoint: "${endpoint}", metrics_interval: 1s } }
${config}
`;

/** Starts all of it; whoever starts it stops it. */
export async function startWatchedGateway(options: WatchedOptions): Promise<WatchedGateway> {
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const redis: RedisServer = await startRedis();
    ends.push(redis.stop);
    const files = { 'keys.yaml': 'keys: []\n', ...options.files };
    const sidecar = await startSidecarProcess({ config: configOf(options, redis.url), files });
    ends.push(sidecar.stop);
    const ingress = await startWatchedIngress(sidecar, options.grpcPort);
    ends.push(ingress.stop);
    const hurried = (what: string, holds: () => Promise<boolean>): Promise<void> => {
      const nudged = async (): Promise<boolean> => {
        if (await holds()) return true;
        await ingress.send({ path: '/nudge' });
        return false;
      };
      return waitFor({ what, holds: nudged });
    };
    return { sidecar, ingress, sendAll: () => sendAll(sidecar, ingress), hurried, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Envoy in front of a sidecar, with the shipped bootstraps for traces and for the access log in one. */
export async function startWatchedIngress({ grpc, accessLog }: SidecarProcess, otlpPort: number): Promise<Ingress> {
  const accessLogs = await readFile(shipped('access-log.yaml'), 'utf8');
  const edit = (tracing: string): string => bothOf(tracing, accessLogs);
  return startIngress({ bootstrap: 'tracing.yaml', grpc, accessLog, otlpPort, edit });
}

/** What differs for the ways: a cluster without hosts, and a path that Envoy answers itself. */
const askNobody = {
  'envoy.filters.http.ext_authz': {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute',
    disabled: true,
  },
};
const routes = [
  { match: { path: ways.failedUpstream.path }, route: { cluster: 'nobody' } },
  {
    name: ways.neverAsked.rule,
    match: { path: ways.neverAsked.path },
    direct_response: { status: ways.neverAsked.status },
    typed_per_filter_config: askNobody,
  },
];

/** The shipped bootstrap with traces and what the one with the access log has more than it. */
function bothOf(tracing: string, accessLogs: string): string {
  const both = parse(tracing);
  const { static_resources: other } = parse(accessLogs);
  const connectionOf = (resources: typeof other) => resources.listeners[0].filter_chains[0].filters[0].typed_config;
  const connection = connectionOf(both.static_resources);
  connection.access_log = connectionOf(other).access_log;
  connection.access_log[0].typed_config.common_config.buffer_flush_interval = '0.05s';
  connection.route_config.virtual_hosts[0].routes.unshift(...routes);
  const known = new Set(both.static_resources.clusters.map(({ name }: { readonly name: string }) => name));
  both.static_resources.clusters.push(
    ...other.clusters.filter(({ name }: { readonly name: string }) => !known.has(name)),
    { name: 'nobody', type: 'STATIC', connect_timeout: '1s', load_assignment: { cluster_name: 'nobody' } },
  );
  return stringify(both, { aliasDuplicateObjects: false });
}

async function sendAll(sidecar: SidecarProcess, ingress: Ingress): Promise<Readonly<Record<Way, string>>> {
  // The first takes the only place that there is.
  await ingress.send({ path: ways.limited.path });
  const found: Record<Way, string> = { allowed: '', denied: '', limited: '', failedUpstream: '', neverAsked: '' };
  for (const [way, { path, status }] of Object.entries(ways)) {
    const answer = await ingress.send({ path });
    if (answer.status !== status) throw new Error(`${path} was answered with ${answer.status}: ${answer.body}`);
    // Object.entries forgets of what the keys are.
    found[way as Way] = shownId(answer.body);
  }
  // Of what Envoy could not reach, nobody outside is told the id.
  const ofAway = ({ message = '', unmapped }: AuditLine): boolean =>
    unmapped.portcullis['rule'] === ways.failedUpstream.rule && message !== '';
  const holds = async (): Promise<boolean> => (await sidecar.audit()).some(ofAway);
  await waitFor({ what: 'the request to the upstream that is away is recorded', holds });
  const event = (await sidecar.audit()).findLast(ofAway);
  return { ...found, failedUpstream: String(event?.unmapped.portcullis['decision_id']) };
}

/** The decision id that a denial's body tells, or the API that got it as a header; empty where there is none. */
function shownId(body: string): string {
  if (!body.startsWith('{')) return '';
  const { decision_id: denied, headers } = JSON.parse(body);
  return denied ?? headers?.['x-decision-id']?.[0] ?? '';
}
